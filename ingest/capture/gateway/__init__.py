"""A reverse proxy before Corti that passes everything on and captures what each call cost.

It owns connections, headers, limits and sockets between callers and Corti. It does not own what a response means: the
recognition of `ingest.capture` reads that.
"""

from __future__ import annotations
