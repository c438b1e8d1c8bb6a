"""A capturing process has one name, in its heartbeats and in the names of its files."""

from __future__ import annotations

import pytest

from ingest.contract.capture_sources import CaptureSource
from tests.ingest.capture.spool_reading import source_of_file

FILE = "-20260302T091407Z-4711-0123456789ab.jsonl"


@pytest.mark.parametrize(
    ("host", "name", "text"),
    [
        ("web-1.clinic.example", "capture", "web-1.clinic.example/capture"),
        ("web 1", "a/b@c", "web-1/a-b-c"),
        (".hidden", "_gateway", "hidden/gateway"),
        ("praxis-müller", "tenantId=acme", "praxis-m-ller/tenantId-acme"),
        ("", "", "localhost/capture"),
        ("h" * 100, "n" * 100, "h" * 63 + "/" + "n" * 64),
        ("a-20260101T000000Z-1", "a-b", "a-20260101T000000Z-1/a-b"),
    ],
)
def test_a_file_s_name_tells_the_source_that_wrote_it(host: str, name: str, text: str) -> None:
    source = CaptureSource.of(host, name)
    assert str(source) == text
    assert source_of_file(source.file_prefix + FILE) == text


@pytest.mark.parametrize("name", ["capture" + FILE, "imported-0123.jsonl", "capture@h.jsonl", "x@h" + FILE + ".gz", ""])
def test_a_file_of_another_name_tells_no_source(name: str) -> None:
    assert source_of_file(name) is None
