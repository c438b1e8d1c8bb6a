"""Corti's own view: what was created there, what it cost where that can be read, and its totals.

It owns the accounts, the API client and the pulls. All that a pull learns is written as files below `landing/`;
nothing else remembers it. It does not own what those files come to. Responses hold clinical text: they are read as
streams, and only what an allow-list names is kept.
"""
