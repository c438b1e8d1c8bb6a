"""Corti's own view: what was created there, listed and read back over its API, and what it says was consumed.

Everything that a pull learns is written as files below `landing/`; nothing else remembers it. Responses hold clinical
text: they are read as streams, and only what an allow-list names is ever kept.
"""
