"""Facts and codes from a text: nothing is stored, and the response has no id."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.interactions import body_of
from ingest.simulator.state import simulator_of


async def extract_facts(request: Request) -> Response:
    """`POST /tools/extract-facts`."""
    simulator, body = simulator_of(request), await body_of(request)
    text = simulator.invention.text()
    return ExactJSON(
        {
            "facts": [{"group": "history-of-present-illness", "value": text, "text": text}],
            "outputLanguage": body.get("outputLanguage", "en"),
            "usageInfo": {"creditsConsumed": simulator.charged("facts")},
        }
    )


async def predict_codes(request: Request) -> Response:
    """`POST /tools/coding/`."""
    simulator, text = simulator_of(request), simulator_of(request).invention.text
    await body_of(request)
    code = {
        "system": "icd10cm-outpatient",
        "code": text(1),
        "display": text(3),
        "evidences": [{"contextIndex": 0, "text": text(2), "start": 0, "end": 12}],
        "alternatives": [{"code": text(1), "display": text(3)}],
    }
    usage = {"creditsConsumed": simulator.charged("codes")}
    return ExactJSON({"codes": [code], "candidates": [], "usageInfo": usage})


ROUTES = [
    Route("/tools/extract-facts", extract_facts, methods=["POST"]),
    Route("/tools/coding/", predict_codes, methods=["POST"]),
]
