"""A simulated Corti: a loopback server with Corti's paths and shapes, and a ledger of what it charged.

It owns shapes like those of the public SDKs and API reference, with clinical text and prices made up from a seed.
Capture, an application or a test can try everything on it, faults included; afterwards `GET /_ledger` says to the
last digit what should have been captured. It does not own any rule of the warehouse; no run imports it.
"""

from __future__ import annotations
