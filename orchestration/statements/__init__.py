"""One customer's statement of one month, in each form in which it can be sent.

It owns how a statement reads and prints. It does not own a figure: all of them are rows of the published version.
"""
