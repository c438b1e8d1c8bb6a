"""A simulated Corti: a loopback server with Corti's paths and shapes, and a ledger of what it charged.

Its shapes are those of the public SDKs and API reference, its clinical text and its prices are made up from a seed.
Everything that capture, an application or a test does against Corti can be tried on it, faults included; afterwards
`GET /_ledger` says to the last digit what should have been captured.
"""

from __future__ import annotations
