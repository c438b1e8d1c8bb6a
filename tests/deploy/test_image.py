"""The Dockerfile's steps, carried out in a new Debian root: the image that they make runs the sample as it would in a
container, with another user, nothing to write but its folders, and no network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.dockerfile import PATH, Image, build, steps_of
from tests.deploy.places import CONTAINERS, SAMPLE
from tests.orchestration.homes import CHECKOUT

pytestmark = pytest.mark.lane

DOCKERFILE = CONTAINERS / "Dockerfile"
BASE_PACKAGES = "python3,python3-venv,ca-certificates,netbase,tzdata"
"""What the base image has beside Debian's smallest root."""

CONTAINER = """
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/dev/shm"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount --bind "$HOME_FOLDER" "$ROOT/srv/credits"
mount -o remount,bind,ro "$ROOT"
cd "$ROOT" && exec chroot --userspec="$USER_OF_IMAGE" --groups= . "$@"
"""
"""A read-only root with the folders that a container's engine makes writable, in namespaces of its own."""


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image; made in two minutes."""
    if not os.environ.get("CREDITS_TEST_IN_FULL"):
        pytest.skip("makes a Debian root and installs everything in it: CREDITS_TEST_IN_FULL runs it")
    if os.getuid() != 0:
        pytest.skip("making a root folder needs root")
    if not shutil.which("debootstrap"):
        pytest.skip("debootstrap is not installed (Debian: apt-get install debootstrap)")
    if subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], check=False).returncode != 0:
        pytest.skip("this machine lets nobody make namespaces")
    [base] = [step.rest for step in steps_of(DOCKERFILE) if step.instruction == "ARG"]
    [python, release] = re.fullmatch(r"BASE=python:([\d.]+)-slim-(\w+)", base).groups()  # type: ignore[union-attr]
    root = Path(tempfile.mkdtemp(prefix="credits-image-"))
    try:
        made = ["debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", release, str(root)]
        ended = subprocess.run(made, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-2000:]
        root.chmod(0o755)
        (root / "usr/local/bin/python").symlink_to(f"/usr/bin/python{python}")
        # This machine's way to the package registry.
        for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
            shutil.copy(f"/{name}", root / name)
        network = {
            name: value for name, value in os.environ.items() if re.match(r"PIP_|SSL_|REQUESTS_|\w+_proxy", name)
        }
        yield build(DOCKERFILE, CHECKOUT, root, network)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def container(image: Image, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the image on this home."""
    given = {"ROOT": str(image.root), "HOME_FOLDER": str(home), "USER_OF_IMAGE": image.user}
    inside = ["env", "-i", *(f"{name}={value}" for name, value in image.environment.items()), *command]
    return subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "sh", "-c", CONTAINER, "sh", *inside],
        env={"PATH": PATH, **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_image_publishes_the_sample_as_its_own_user(image: Image, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(SAMPLE / "landing", home / "landing")
    uid, gid = map(int, image.user.split(":"))
    for path in (home, *home.rglob("*")):
        os.chown(path, uid, gid)
    ended = container(image, home, *image.command)
    assert ended.returncode == 0, ended.stderr
    assert "1959.601096059 credits in 3093 operations" in ended.stdout
    again = container(image, home, *image.command)
    assert (again.returncode, again.stdout[:12]) == (0, "nothing new:")
    assert {path.lstat().st_uid for path in home.rglob("*")} == {uid}
    refused = container(image, home, "touch", "/opt/credits-warehouse/file")
    assert "Read-only file system" in refused.stderr
    # No process compiles what it imports: it could not keep that.
    packages = image.root / "opt/credits-warehouse/.venv/lib"
    for package in ("dagster", "dbt", "duckdb", "dagster_postgres"):
        [compiled] = {bool(list(found.rglob("*.pyc"))) for found in packages.rglob(f"site-packages/{package}")}
        assert compiled, package
