"""Which keys and values of dimensions may be kept."""

from __future__ import annotations

import pytest

from ingest.contract.dimensions import DEFAULT_KEYS, is_key, is_value, kept


@pytest.mark.parametrize("key", [*DEFAULT_KEYS, "a", "k9_", "x" * 40])
def test_a_key_is_a_lower_case_word(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "9a", "_a", "Workflow", "work-flow", "a b", "x" * 41, "ärzte", "a\n"])
def test_other_texts_are_no_keys(key: str) -> None:
    assert not is_key(key)


@pytest.mark.parametrize("value", ["soap", "Zürich 3", "a._:/@-b", "病院", "x" * 64, "٣"])
def test_a_value_is_a_short_text_of_letters_digits_and_a_few_signs(value: str) -> None:
    assert is_value(value)


@pytest.mark.parametrize("value", ["", " ", "x" * 65, "a,b", "a\nb", "a\n", '"', "<b>", "a;b", "a\tb", "pain?"])
def test_other_texts_are_no_values(value: str) -> None:
    assert not is_value(value)


def test_listed_keys_are_kept_in_order_and_the_others_are_counted() -> None:
    given = {"workflow": " ward-3 ", "agent": "agt.7", "patient": "Jane", "label": "a, b", "template": 7}
    assert kept(given, DEFAULT_KEYS) == ({"agent": "agt.7", "workflow": "ward-3"}, 3)
    assert list(kept(given, DEFAULT_KEYS)[0]) == ["agent", "workflow"]


def test_an_absent_value_is_neither_kept_nor_counted() -> None:
    assert kept({"workflow": None, "agent": " "}, DEFAULT_KEYS) == ({}, 0)


def test_names_match_as_the_names_of_fields_do() -> None:
    assert kept({"documentType": "letter"}, DEFAULT_KEYS) == ({"document_type": "letter"}, 0)
    assert kept({"Label": "a", "label": "b", "LABEL": "c"}, DEFAULT_KEYS) == ({"label": "b"}, 2)


def test_without_keys_nothing_is_kept() -> None:
    assert kept({"workflow": "a"}, ()) == ({}, 1)
