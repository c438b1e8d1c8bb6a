"""Files that another process changes while they land: no record is lost, and none counts as landed that is not.

`make test-faults` runs many races; CREDITS_FAULT_SEED and CREDITS_FAULT_TRIALS say which and how many.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome

SHORT = 5
LONG = int(os.environ.get("CREDITS_FAULT_TRIALS") or 100)
WAYS = ("written again in place", "grows", "is cut and written again", "is replaced", "vanishes and comes back")
KEYS = {"usage_records": "record_id", "users": "user_id"}
WRITER = """
import json, os, random, sys, time
way, path, content, seed = sys.argv[1:]
chance = random.Random(int(seed))
data = open(content, "rb").read()
print("ready", flush=True)
while not os.path.exists(content + ".stop"):
    time.sleep(chance.random() * 0.2)
    if way == "grows":
        with open(path, "wb") as file:
            pieces = chance.randint(2, 9)
            size = 1 + len(data) // pieces
            for start in range(0, len(data), size):
                file.write(data[start : start + size])
                file.flush()
    elif way == "is cut and written again":
        os.truncate(path, chance.randint(0, len(data)))
        time.sleep(chance.random() * 0.003)
        open(path, "wb").write(data)
    elif way == "is replaced":
        open(path + ".tmp", "wb").write(data)
        os.replace(path + ".tmp", path)
    elif way == "vanishes and comes back":
        os.unlink(path)
        time.sleep(chance.random() * 0.003)
        open(path, "wb").write(data)
    else:
        open(path, "r+b").write(data)
"""


def contents(chance: random.Random, trial: int) -> Iterator[tuple[str, str, int]]:
    """Files of one home: name below landing/, content, and the rows that it holds."""
    for number in range(chance.randint(1, 3)):
        ending = chance.choice(("jsonl", "csv"))
        rows = chance.randint(1, 30_000)
        ids = (f"{trial}-{number}-{row}" for row in range(rows))
        if ending == "jsonl":
            lines = (json.dumps({"recordId": id, "creditsConsumed": "1", "createdAt": DAY}) for id in ids)
        else:
            lines = iter(["recordId,creditsConsumed,createdAt", *(f"{id},1,{DAY}" for id in ids)])
        yield f"usage_records/{number}.{ending}", "\n".join(lines) + "\n", rows
    users = chance.randint(1, 2_000)
    table = "".join(f"u{trial}-{user},t\n" for user in range(users))
    yield "mappings/users/users_2025-03-01.csv", f"userId,tenantId\n{table}", users


def race(tmp_path: Path, seed: int, trial: int) -> None:
    """One trial: writers change files while runs land them, then stop; the next run has every record once."""
    chance = random.Random(f"{seed}-{trial}")
    home = LandingHome.at(tmp_path / "home")
    writers: list[subprocess.Popen[str]] = []
    stops: list[Path] = []
    expected: Counter[str] = Counter()
    for name, content, rows in contents(chance, trial):
        expected["users" if "users" in name else "usage_records"] += rows
        whole = tmp_path / name.replace("/", "-")
        whole.write_text(content)
        stops.append(tmp_path / f"{whole.name}.stop")
        path = home.deliver(name, content)
        way = chance.choice(WAYS)
        command = [sys.executable, "-c", WRITER, way, str(path), str(whole), str(chance.randrange(10**6))]
        writers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == "ready\n"
    left_out: Counter[str] = Counter()
    for _ in range(chance.randint(2, 4)):
        left_out.update(left.kind for left in home.land().left_out)
    for stop in stops:
        stop.touch()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    home.land()
    assert home.land().left_out == ()
    held = {table: home.rows(f"select count(distinct {key}) from raw.{table}")[0][0] for table, key in KEYS.items()}
    assert held == dict(expected), f"repeat with CREDITS_FAULT_SEED={seed}, race {trial}: {left_out}"
    in_force = home.rows(
        "select count(*) from raw.users where file_id in (select file_id from raw.seen_files where dataset = 'users')"
    )
    assert in_force == [(expected["users"],)]
    print(f"seed {seed}, race {trial}: {dict(left_out)}")


@pytest.mark.parametrize("trial", range(SHORT))
def test_no_record_is_lost_in_a_race_with_a_writer(tmp_path: Path, fault_seed: int, trial: int) -> None:
    race(tmp_path, fault_seed, trial)


@pytest.mark.faults
@pytest.mark.parametrize("trial", range(LONG))
def test_no_record_is_lost_in_many_races(tmp_path: Path, fault_seed: int, trial: int) -> None:
    race(tmp_path, fault_seed, trial)
