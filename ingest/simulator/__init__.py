"""A simulated Corti: a loopback server with Corti's paths and shapes, and a ledger of what it charged.

It owns responses in the form of the public SDKs and API reference, with clinical text and prices invented from a seed.
Capture, an application or a test can try everything on it, including faults; afterwards `GET /_ledger` says to the last
digit what should have been captured. It owns no rule of the warehouse; no run imports it.
"""

from __future__ import annotations
