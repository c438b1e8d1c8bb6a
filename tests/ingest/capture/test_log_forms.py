"""A log is read however it is packed or encoded, or refused with a clear reason; it never fills the memory."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import resource
import stat
import zipfile
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from ingest.capture import log_lines
from ingest.capture.log_replay import TOO_LONG, import_log
from ingest.errors import CreditsError
from orchestration.cli import main
from tests.ingest.capture.bodies import CLINICAL, codes
from tests.ingest.capture.test_log_replay import call

LINES = [call("/v2/tools/coding/", codes(), 200, userId=user) for user in ("u-1", "müller")]
PLAIN = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in LINES)
HALF = len(PLAIN) // 2
FORMS = {
    "plain": PLAIN,
    "without a last line end": PLAIN.rstrip(),
    "with carriage returns": PLAIN.replace(b"\n", b"\r\n"),
    "with a mark": b"\xef\xbb\xbf" + PLAIN,
    "two logs with marks": b"".join(b"\xef\xbb\xbf" + line + b"\n" for line in PLAIN.splitlines()),
    "gzip": gzip.compress(PLAIN),
    "gzip in two members": gzip.compress(PLAIN[:HALF]) + gzip.compress(PLAIN[HALF:]),
    "zstd": zstandard.compress(PLAIN),
    "zstd in two frames": zstandard.compress(PLAIN[:HALF]) + zstandard.compress(PLAIN[HALF:]),
    "utf-16": PLAIN.decode().encode("utf-16"),
    "utf-16 be": b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"),
    "gzip of utf-16": gzip.compress(PLAIN.decode().encode("utf-16")),
}


def run(home: Path, *arguments: object) -> Result:
    return CliRunner(env={"CREDITS_HOME": str(home)}).invoke(main, ["capture", "import", *map(str, arguments)])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["app.log", "app.log.gz"])
def test_every_form_of_a_log_gives_the_same_file(tmp_path: Path, form: str, name: str) -> None:
    plain, log = tmp_path / "plain.log", tmp_path / name
    plain.write_bytes(PLAIN)
    log.write_bytes(FORMS[form])
    expected = import_log(plain, tmp_path / "expected")
    imported = import_log(log, tmp_path / "landing")
    assert (imported.lines, imported.records, imported.refused) == (2, 2, {})
    assert expected.landed and imported.landed and imported.landed.name == expected.landed.name
    assert imported.landed.read_bytes() == expected.landed.read_bytes()
    assert stat.S_IMODE(imported.landed.stat().st_mode) == 0o600
    assert stat.S_IMODE(imported.landed.parent.stat().st_mode) == 0o700


def zipped(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "z", "w") as archive:
        archive.writestr("app.log", PLAIN)
    return (folder / "z").read_bytes()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(PLAIN, mtime=0)[:-9], "its compressed bytes are damaged or break off after line"),
        (gzip.compress(PLAIN, mtime=0) + b"more", "damaged or break off"),
        (zstandard.compress(PLAIN)[:-5], "damaged or break off"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 40, "damaged or break off"),
        (bz2.compress(PLAIN), "it is a bzip2 file: unpack it first"),
        (lzma.compress(PLAIN), "it is a xz file: unpack it first"),
        (None, "it is a zip file: unpack it first"),
        (PLAIN.decode().encode("utf-16-le"), "it holds NUL bytes"),
        (PLAIN.decode().encode("utf-32"), "it holds NUL bytes"),
    ],
)
def test_a_log_that_cannot_be_read_is_refused_whole_with_its_reason_and_holds_up_no_other(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    bad, good = tmp_path / "bad.log", tmp_path / "good.log"
    bad.write_bytes(zipped(tmp_path) if content is None else content)
    good.write_bytes(PLAIN)
    alone = run(tmp_path / "home", bad)
    assert (alone.exit_code, len(alone.stderr.splitlines())) == (1, 1) and reason in alone.stderr
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    both = run(tmp_path / "home", bad, good)
    assert (both.exit_code, len(both.stderr.splitlines())) == (3, 1) and reason in both.stderr
    assert f"{bad} cannot be read" in both.stderr and CLINICAL not in both.output
    assert f"{good}: 2 usage records from 2 lines" in both.stdout


def test_a_line_that_is_too_long_is_refused_and_the_others_are_imported(tmp_path: Path) -> None:
    fits = json.dumps(call("/v2/tools/coding/", codes(), 200, x="")).encode()
    fits = fits[:-2] + b"x" * (log_lines.LONGEST_LINE - len(fits)) + fits[-2:]
    assert len(fits) == log_lines.LONGEST_LINE
    log = tmp_path / "app.log"
    log.write_bytes(b"\n".join([fits, fits.replace(b"x", b"xx", 1), PLAIN.splitlines()[0], b"y" * 40 * 1024 * 1024]))
    imported = import_log(log, tmp_path / "landing")
    assert (imported.lines, imported.records) == (4, 2)
    assert imported.refused[TOO_LONG].numbers == [2, 4]


def test_a_packed_log_of_one_endless_line_costs_no_memory_and_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = b"0" * 1024 * 1024
    log = tmp_path / "app.log.gz"
    with gzip.open(log, "wb", 6) as file:
        for _ in range(128):
            file.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert import_log(log, tmp_path / "landing").refused[TOO_LONG].numbers == [1]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    monkeypatch.setattr(log_lines, "FREE_BYTES", 1024 * 1024)
    monkeypatch.setattr(log_lines, "MOST_TIMES", 100)
    with pytest.raises(CreditsError, match="unpacks to more than 100 times its size"):
        import_log(log, tmp_path / "landing")
    log.write_bytes(zstandard.compress(block * 128))
    with pytest.raises(CreditsError, match="unpacks to more than 100 times its size"):
        import_log(log, tmp_path / "landing")


def test_a_log_that_is_not_there_is_asked_for_wrongly_and_nothing_is_imported(tmp_path: Path) -> None:
    good = tmp_path / "good.log"
    good.write_bytes(PLAIN)
    result = run(tmp_path / "home", good, tmp_path / "none.log")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1) and "none.log" in result.stderr
    assert not (tmp_path / "home" / "landing").exists()


def test_a_log_without_one_usable_line_imports_nothing_and_says_so(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{CLINICAL}\n" * 3)
    result = run(tmp_path / "home", log)
    assert result.exit_code == 1
    assert result.stderr == "credits: nothing was imported: 3 lines refused (not a JSON object).\n"
    assert "refused (not a JSON object): 1, 2, 3" in result.stdout and CLINICAL not in result.output
