"""What writers and readers of `landing/` share.

It owns the forms of names, times, ids and decimals, the usage record and the call it belongs to, the folders of
`landing/` with the files in them that are ready, and the writer that makes a file appear whole. It does not own the
origin of values or how records compare. It imports none of its users: capture, corti and landing.
"""
