"""One customer's statement of one month, in all its formats.

It owns the words and the layout of a statement. It owns no figure: all of them come from the published version.
"""
