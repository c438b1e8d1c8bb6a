"""Corti's own view: what was created there, what it cost if that can be read, and Corti's totals.

It owns the accounts, the API client and the pulls. A pull writes everything that it learns as files below `landing/`,
and keeps no other state. It does not own what those files mean. Responses contain clinical text: they are read as
streams, and only fields on an allow-list are kept.
"""
