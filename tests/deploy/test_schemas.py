"""The YAML of deploy/ against the schemas that Kubernetes and the Compose specification publish, as packages ship them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema.validators import validator_for

from tests.deploy.places import CONTAINERS
from tests.deploy.test_files import manifests
from tests.orchestration.environments import environment

pytestmark = pytest.mark.lane

KUBERNETES_RELEASES = ("1.31", "1.37")
"""The oldest for which all fields are stable, and the newest of the package."""


def test_kubernetes_objects_match_their_schemas(tmp_path: Path) -> None:
    python = environment(tmp_path / "env", "kubernetes-validate==1.37.0")
    files = []
    for number, manifest in enumerate(manifests()):
        files.append(tmp_path / f"{number}.yaml")
        files[-1].write_text(yaml.safe_dump(manifest))
    judge = [str(Path(python).with_name("kubernetes-validate")), "--strict"]
    for release in KUBERNETES_RELEASES:
        judged = subprocess.run([*judge, "-k", release, *files], capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout + judged.stderr
    # The judge does object.
    broken = manifests()[-1]
    broken["spec"]["minAvailabel"] = 1
    files[0].write_text(yaml.safe_dump(broken))
    assert subprocess.run([*judge, files[0]], capture_output=True, check=False).returncode != 0


def test_compose_file_matches_the_specifications_schema(tmp_path: Path) -> None:
    if not shutil.which("go"):
        pytest.skip("Go is not installed: the schema comes as a part of a Go module")
    # The implementation that Docker's own compose uses; nothing of it is compiled.
    downloaded = subprocess.run(
        ["go", "mod", "download", "-json", "github.com/compose-spec/compose-go/v2@v2.16.2"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert downloaded.returncode == 0, downloaded.stderr
    schema = json.loads((Path(json.loads(downloaded.stdout)["Dir"]) / "schema" / "compose-spec.json").read_text())
    validator = validator_for(schema)(schema)
    compose = yaml.safe_load((CONTAINERS / "compose.yaml").read_text())
    assert [error.message for error in validator.iter_errors(compose)] == []
    compose["services"]["gateway"]["restrat"] = "always"
    assert not validator.is_valid(compose)
