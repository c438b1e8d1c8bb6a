"""What writers and readers of usage share: the forms of names, times, ids and decimals.

It owns what a value looks like. It does not own where values come from, nor what they mean beside each other.
"""
