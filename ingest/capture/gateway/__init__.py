"""A reverse proxy in front of Corti that passes everything through and keeps what each call cost."""

from __future__ import annotations
