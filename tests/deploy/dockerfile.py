"""Reads a Dockerfile, and carries out its steps in a root folder by `chroot`: there is no container engine."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KNOWN = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "CMD"}


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile, with its lines joined."""

    instruction: str
    rest: str


@dataclass
class Image:
    """What the steps have set so far, as a container engine would keep it beside the files."""

    root: Path
    workdir: str = "/"
    user: str = "0:0"
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)


def steps_of(dockerfile: Path) -> list[Step]:
    """The instructions in order, without comments."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    steps = [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]
    assert {step.instruction for step in steps} <= KNOWN, steps
    return steps


def copied(step: Step) -> tuple[list[str], str]:
    """The sources of a COPY below the context, and its destination."""
    *sources, destination = shlex.split(step.rest)
    return sources, destination


def is_sent(path: str, dockerignore: Path) -> bool:
    """Whether a path below the context reaches the build: the last line that names it, or a folder above it, decides."""
    sent = True
    for line in dockerignore.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        parts = path.split("/")
        above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        anywhere = pattern.removeprefix("**/")
        named = parts if pattern.startswith("**/") else above
        if any(fnmatch.fnmatchcase(name, anywhere) for name in named):
            sent = line.startswith("!")
    return sent


def run_in(image: Image, command: list[str], user: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as a container of the image would, but for its own namespaces."""
    uid, gid = user.split(":")
    inside = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", image.workdir, *command]
    return subprocess.run(
        ["chroot", f"--userspec={uid}:{gid}", "--groups=", str(image.root), *inside],
        env={"PATH": PATH, **image.environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def build(dockerfile: Path, context: Path, root: Path, more: Mapping[str, str]) -> Image:
    """Carry out all steps in `root`, which holds the base image; `more` is an environment for RUN lines alone."""
    image = Image(root)
    for step in steps_of(dockerfile):
        match step.instruction:
            case "WORKDIR":
                image.workdir = step.rest
                (root / step.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                _copy(image, step, context, dockerfile.with_name(f"{dockerfile.name}.dockerignore"))
            case "RUN":
                ended = run_in(image, ["sh", "-c", step.rest], "0:0", more)
                assert ended.returncode == 0, f"{step.rest}\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}"
            case "USER":
                image.user = step.rest
            case "ENV":
                pairs = (pair.split("=", 1) for pair in shlex.split(step.rest))
                path = image.environment.get("PATH", PATH)
                image.environment |= {name: value.replace("$PATH", path) for name, value in pairs}
            case "CMD":
                image.command = json.loads(step.rest)
    return image


def _copy(image: Image, step: Step, context: Path, dockerignore: Path) -> None:
    """Copy what git knows and the ignore file lets through; files of a checkout that git does not know are no source."""
    sources, destination = copied(step)
    target = image.root / os.path.normpath(f"{image.workdir}/{destination}").lstrip("/")
    for source in sources:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", source],
            cwd=context,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\n")
        for path in filter(None, listed):
            assert is_sent(path, dockerignore), f"{path} does not reach the build"
            if (context / source).is_dir():
                place = target / Path(path).relative_to(source)
            else:
                place = target / Path(path).name if destination.endswith("/") else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(context / path, place)
