"""Writes usage records at the moment when Corti reports what a call cost.

It owns which responses carry credits, what is kept of them, the spool that brings records into `landing/`, and the ways
to see a call: an httpx transport, sockets, the gateway, logs. It does not own what happens to a record after that, and
it sends no requests of its own to Corti.
"""
