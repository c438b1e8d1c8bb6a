"""The page itself: template, style and scripts of `page/` in one HTML file that makes no requests."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

PAGE = Path(__file__).parent / "page"
CHARTS = "vendor/echarts.min.js"
STYLES = ("theme", "base", "head", "cards", "tables", "quotas", "trust", "screens", "paper")
"""Parts of `page/css`; later ones override earlier ones."""
SCRIPT = "page.js"
"""The modules of `page/js` in one file: `make page` writes it."""

_SLOT = re.compile(r"\{\{(\w+)\}\}")


def fingerprint() -> str:
    """A hash of everything that makes the page: if it changes, a new version is published."""
    digest = hashlib.sha256()
    made_of = ("template.html", SCRIPT, CHARTS, *(f"css/{name}.css" for name in STYLES))
    for file in sorted([*Path(__file__).parent.glob("*.py"), *(PAGE / name for name in made_of)]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def html(data: str) -> str:
    """The whole page around its data (JSON, safe within a `script` element)."""
    charts = _read(CHARTS)
    script = _read(SCRIPT)
    parts = {
        "policy": _policy(charts, script),
        "style": "\n".join(_read(f"css/{name}.css") for name in STYLES),
        "charts": charts,
        "data": data,
        "script": script,
    }
    # In one pass: text in the data must not be taken for a placeholder.
    return _SLOT.sub(lambda slot: parts[slot[1]], _read("template.html"))


def _read(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def _policy(*scripts: str) -> str:
    """The page's content security policy: no requests, and no scripts except its own. The charts set styles on their
    elements.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
