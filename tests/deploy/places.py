"""Where the files are that these tests look at."""

from __future__ import annotations

from tests.orchestration.homes import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
CONTAINERS = DEPLOY / "containers"
KUBERNETES = DEPLOY / "kubernetes" / "base"
EXAMPLE = DEPLOY / "kubernetes" / "example"
SYSTEMD = DEPLOY / "systemd"
SAMPLE = CHECKOUT / "data" / "sample"
