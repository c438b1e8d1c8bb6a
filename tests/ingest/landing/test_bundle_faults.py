"""A bundle that is damaged, or that `credits compact` has not written, is left out whole and named."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.contract.bundles import write_end, write_member
from tests.ingest.landing.compacting_home import (
    BUNDLE,
    bundle_of,
    compacted,
    files_below,
    landed_and_compacted,
    left_out,
    outcome,
    published,
    rebuilt,
)
from tests.ingest.landing.landing_home import LandingHome, json_lines, record

LINE = json_lines([record("in a bundle")]).encode()


def written(*paths: str, data: bytes = LINE) -> bytes:
    target = io.BytesIO()
    for number, path in enumerate(paths):
        write_member(target, path, 0, 0o600, data.replace(b"bundle", b"bundle%d" % number))
    write_end(target)
    return target.getvalue()


def made_by_hand(*members: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as made:
        for member in members:
            made.addfile(member, io.BytesIO(bytes(member.size)))
    return target.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type = kind
    for attribute, value in more.items():
        setattr(found, attribute, value)
    return found


SOUND = written("usage_records/a.jsonl", "usage_records/b.jsonl")
HEAD = {"mtime": "1.000000000", "comment": f"sha256:{'0' * 64}"}
FAULTY = {
    "empty": b"",
    "no tar": b"{}\n" * 1000,
    "zeros in place of the first header": bytes(512) + SOUND[512:],
    "more after the end": SOUND + b"x",
    "many zeros": SOUND + bytes(20_000),
    "a byte of a member": SOUND.replace(b"in a bundle0", b"in a bundle9"),
    "a byte of a header": SOUND.replace(b"usage_records/b.jsonl", b"usage_records/c.jsonl"),
    "a hash": SOUND.replace(b"comment=sha256:", b"comment=sha257:"),
    "two of one path": written("usage_records/a.jsonl", "usage_records/a.jsonl"),
    "larger than a member may be": written("usage_records/a.jsonl", data=LINE * 4000),
    "of a tar by hand": made_by_hand(member("usage_records/a.jsonl")),
    "a link": made_by_hand(member("usage_records/a.jsonl", tarfile.SYMTYPE, linkname="/etc/passwd", pax_headers=HEAD)),
    "a hard link": made_by_hand(member("usage_records/a.jsonl", tarfile.LNKTYPE, linkname="x", pax_headers=HEAD)),
    "a device": made_by_hand(member("usage_records/a.jsonl", tarfile.CHRTYPE, pax_headers=HEAD)),
    "a folder": made_by_hand(member("usage_records/a.jsonl", tarfile.DIRTYPE, pax_headers=HEAD)),
    "a long header": made_by_hand(member("usage_records/a.jsonl", pax_headers={**HEAD, "x": "y" * 10_000})),
    **{
        f"path {path}": written(path)
        for path in (
            *("/etc/passwd.jsonl", "usage_records/../../evil.jsonl", "usage_records//a.jsonl", "usage_records/"),
            *("heartbeats/a.jsonl", "usage_records/.hidden.jsonl", "usage_records/a.jsonl.partial", "a.jsonl"),
            *("usage_records/a.xlsx", "usage_records/./a.jsonl", "usage_records/_not/a.jsonl", "usage_records/é\n.txt"),
        )
    },
}


def is_named(home: LandingHome) -> None:
    home.usage("sound.jsonl", [record("beside it")])
    (left,) = home.land().left_out
    assert (left.path, left.kind) == (BUNDLE, "unreadable")
    assert left.reason.startswith("nothing in this bundle is read, since ") and "\n" not in left.reason
    assert [*home.credits()] == ["beside it"]
    assert left_out(home) == [(BUNDLE, "unreadable")]


@pytest.mark.parametrize("content", FAULTY.values(), ids=FAULTY)
def test_a_faulty_bundle_is_named_and_everything_else_lands(home: LandingHome, content: bytes) -> None:
    bundle_of(home).write_bytes(content)
    before = {path for path in home.settings.home.parent.rglob("*") if "warehouse" not in path.parts}
    is_named(home)
    after = {path for path in home.settings.home.parent.rglob("*") if "warehouse" not in path.parts}
    assert {path.name for path in after - before} == {"sound.jsonl"}


@pytest.mark.parametrize("size", [1, 511, 512, 1024, 1500, len(SOUND) // 2, len(SOUND) - 1024, len(SOUND) - 1])
def test_a_bundle_that_is_cut_off_is_named(home: LandingHome, size: int) -> None:
    bundle_of(home).write_bytes(SOUND[:size])
    is_named(home)


def test_a_sound_bundle_of_unknown_records_lands(home: LandingHome) -> None:
    bundle_of(home).write_bytes(SOUND)
    assert home.land().left_out == ()
    assert [*home.credits()] == ["in a bundle0", "in a bundle1"]
    assert home.rows("select path from raw.landed_files order by 1") == [
        ("usage_records/a.jsonl",),
        ("usage_records/b.jsonl",),
    ]


def test_a_bundle_that_is_no_ordinary_file_or_lies_elsewhere_is_unread(home: LandingHome, tmp_path: Path) -> None:
    (tmp_path / "outside.bundle.tar").write_bytes(SOUND)
    bundle_of(home).symlink_to(tmp_path / "outside.bundle.tar")
    home.deliver("mappings/users/2025-03.bundle.tar", SOUND)
    assert left_out(home) == [("mappings/users/2025-03.bundle.tar", "unread"), (BUNDLE, "unread")]


def _cut(bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes()[:-600])


def _changed(bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes().replace(b'"a"', b'"z"'))


@pytest.mark.parametrize("damage", [_cut, _changed])
def test_a_damaged_bundle_does_not_grow_and_costs_no_file(home: LandingHome, damage: Callable[[Path], None]) -> None:
    for name in ("a", "b"):
        home.usage(f"{name}.jsonl", [record(name)])
    landed_and_compacted(home)
    before = bundle_of(home).read_bytes()
    damage(bundle_of(home))
    home.usage("late.jsonl", [record("late")])
    home.land()
    published(home)
    done = compacted(home)
    assert ([*done.faulty], done.files) == ([BUNDLE], 0)
    assert files_below(home) == [BUNDLE, "usage_records/late.jsonl"]
    assert len(home.credits()) == 3, "what has landed stays"
    assert [row[0] for row in rebuilt(home)[0]] == ["usage_records/late.jsonl"]
    bundle_of(home).write_bytes(before)
    assert home.land().files == 2
    assert len(outcome(home)[0]) == 3
