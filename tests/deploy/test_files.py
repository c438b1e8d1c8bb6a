"""What the files of deploy/ promise, as far as it can be told without starting anything."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ingest.settings import check_settings, load_settings, unread_settings
from orchestration.cli import main
from tests.deploy.dockerfile import copied, is_sent, steps_of
from tests.deploy.places import CONTAINERS, EXAMPLE, KUBERNETES, SYSTEMD
from tests.orchestration.homes import CHECKOUT

UNITS = sorted(path.name for path in SYSTEMD.glob("*.service"))
OF_COMPOSE = re.compile(r"\$\{(\w+)(?::-|:\?)?([^}]*)\}")
GIB = 1024**3


def text_of(value: str) -> str:
    """A value of the compose file with the default of each variable."""
    return OF_COMPOSE.sub(lambda found: found[2], value)


def compose() -> dict[str, Any]:
    return yaml.safe_load((CONTAINERS / "compose.yaml").read_text())


def own_services() -> dict[str, dict[str, Any]]:
    """The services that run the project's image."""
    return {name: service for name, service in compose()["services"].items() if "credits-warehouse" in service["image"]}


def manifests() -> list[dict[str, Any]]:
    named = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
    return [document for name in named for document in yaml.safe_load_all((KUBERNETES / name).read_text())]


def pods() -> dict[str, dict[str, Any]]:
    """The pod of each object that starts some."""
    found = {}
    for manifest in manifests():
        spec = manifest.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            found[manifest["metadata"]["name"]] = template["spec"]
    return found


def unit(name: str) -> dict[str, list[str]]:
    """The values of each key of a unit, in order."""
    found: dict[str, list[str]] = {}
    for line in (SYSTEMD / name).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


def variables(path: Path) -> dict[str, str]:
    """The variables of an environment file, those that are commented out too."""
    lines = [line.removeprefix("# ") for line in path.read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


def commands() -> Iterator[list[str]]:
    """Each command of `credits` that something here starts."""
    for service in own_services().values():
        yield [text_of(word) for word in service["command"]]
    for pod in pods().values():
        yield from (container["args"] for container in pod["containers"])
    for name in UNITS:
        line = unit(name)["ExecStart"][0]
        for variable, value in (pair.split("=", 1) for pair in shlex.split(unit(name)["Environment"][0])):
            line = line.replace(f"${{{variable}}}", value)
        program, *arguments = shlex.split(line)
        assert program == "/opt/credits-warehouse/.venv/bin/credits"
        yield ["credits", *arguments]


def in_bytes(memory: str) -> float:
    number, unit = re.fullmatch(r"(\d+)\s*(\w+)", memory).groups()  # type: ignore[union-attr]
    return int(number) * {"m": 1 / 1024, "g": 1}[unit[0].lower()] * GIB


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def option(command: Sequence[str], name: str) -> str:
    """The value of an option, or its default."""
    if name in command:
        return command[command.index(name) + 1]
    [parameter] = [one for one in main.commands["gateway"].params if name in one.opts]
    return str(parameter.default)


def test_every_command_is_one_of_credits_or_dagster() -> None:
    ours = [command for command in commands() if command[0] == "credits"]
    assert {command[0] for command in commands()} == {"credits", "dagster", "dagster-daemon", "dagster-webserver"}
    assert {command[1] for command in ours} == {"run", "gateway"}
    for _, name, *arguments in ours:
        command = main.commands[name]
        with command.make_context(name, list(arguments), parent=click.Context(main)) as context:
            assert not context.args


def test_every_setting_is_known_and_usable() -> None:
    of_compose = {
        variable: text_of(value)
        for service in own_services().values()
        for variable, value in service.get("environment", {}).items()
        if variable.startswith("CREDITS_")
    }
    for names in (of_compose, variables(KUBERNETES / "settings.env"), variables(SYSTEMD / "credits.env.example")):
        assert names and not list(unread_settings(names))
        check_settings(names)


def test_image_holds_what_is_locked_and_the_extras_that_its_roles_need() -> None:
    def pinned(path: Path) -> set[str]:
        return set(re.findall(r"^([\w.-]+(?:\[.*\])?==\S+)", path.read_text(), re.MULTILINE))

    image = pinned(CONTAINERS / "requirements.txt")
    assert pinned(CHECKOUT / "requirements.txt") < image
    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {*extras["postgres"], *extras["objects"], *extras["delta"]} < image


def test_image_is_made_of_what_git_knows_and_runs_as_nobody_special() -> None:
    steps = steps_of(CONTAINERS / "Dockerfile")
    ignored = CONTAINERS / "Dockerfile.dockerignore"
    sources = [source for step in steps if step.instruction == "COPY" for source in copied(step)[0]]
    assert {"ingest", "orchestration", "dbt_project"} <= set(sources)
    for source in sources:
        assert (CHECKOUT / source).exists() and is_sent(source, ignored), source
    for kept_out in (".git/config", ".env", "data/demo/landing/x", "dbt_project/target/x", "deploy/containers/.env"):
        assert not is_sent(kept_out, ignored), kept_out
    assert [step.rest for step in steps if step.instruction == "USER"] == ["10001:10001"]
    assert not re.search(r"(?i)password|secret|token", " ".join(step.rest for step in steps))


def test_dagster_differs_from_the_checkout_only_in_its_storage() -> None:
    ours = yaml.safe_load((CONTAINERS / "dagster.yaml").read_text())
    storage = ours.pop("storage")["postgres"]["postgres_db"]
    assert ours == yaml.safe_load((CHECKOUT / "dagster.yaml").read_text())
    named = {value["env"] for value in storage.values() if isinstance(value, dict)}
    assert named <= set(own_services()["daemon"]["environment"])
    assert "password" in storage and isinstance(storage["password"], dict)


def test_services_of_compose_are_hardened_and_reached_from_this_host_only() -> None:
    for name, service in own_services().items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and "healthcheck" in service, name
        assert service["security_opt"] == ["no-new-privileges:true"] and "user" not in service, name
    for name, service in compose()["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for variable, value in service.get("environment", {}).items():
            assert "PASSWORD" not in variable or value.startswith("${DAGSTER_POSTGRES_PASSWORD:?"), name
    # Only what lands, builds and publishes sees the whole home; the gateway sees its landing folder.
    homes = {
        name: text_of(volume)
        for name, service in own_services().items()
        for volume in service.get("volumes", [])
        if "/srv/credits" in volume
    }
    assert homes == {"code-server": "/srv/credits:/srv/credits", "gateway": "/srv/credits/landing:/srv/credits/landing"}


def test_pods_are_hardened_and_ask_for_what_they_need() -> None:
    claims = {one["metadata"]["name"] for one in manifests() if one["kind"] == "PersistentVolumeClaim"}
    assert set(pods()) == {"run", "gateway"}
    for name, pod in pods().items():
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not pod["automountServiceAccountToken"], name
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        used = {one["persistentVolumeClaim"]["claimName"] for one in volumes.values() if "persistentVolumeClaim" in one}
        assert used <= claims, name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"], name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert {"requests", "limits"} <= set(container["resources"]), name
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes), name


def test_one_run_at_a_time() -> None:
    [cron_job] = [one for one in manifests() if one["kind"] == "CronJob"]
    assert cron_job["spec"]["concurrencyPolicy"] == "Forbid"
    assert unit("credits-run.service")["Type"] == ["oneshot"]


def test_memory_of_a_run_is_above_duckdbs() -> None:
    settings = variables(KUBERNETES / "settings.env")
    most = in_bytes(load_settings(settings | {"CREDITS_HOME": "/srv/credits"}).memory_limit)
    [run] = pods()["run"]["containers"]
    of_unit = unit("credits-run.service")["MemoryMax"][0]
    of_compose = text_of(own_services()["code-server"]["mem_limit"])
    for limit in (run["resources"]["limits"]["memory"], of_unit, of_compose):
        assert in_bytes(limit) >= most + 1.5 * GIB, limit
    assert int(settings["CREDITS_THREADS"]) <= int(run["resources"]["requests"]["cpu"])


def test_gateways_are_given_time_to_hand_over_their_records() -> None:
    pod = pods()["gateway"]
    [container] = pod["containers"]
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > pause + float(option(container["args"], "--drain-seconds"))
    service = own_services()["gateway"]
    assert seconds(service["stop_grace_period"]) > float(option(service["command"], "--drain-seconds"))
    lines = unit("credits-gateway.service")
    assert int(lines["TimeoutStopSec"][0]) > float(option(shlex.split(lines["ExecStart"][0]), "--drain-seconds"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed (Debian: systemd)")
def test_units_are_valid_and_hardened(tmp_path: Path) -> None:
    for path in SYSTEMD.glob("credits-*"):
        # The program is not installed here.
        text = path.read_text().replace("/opt/credits-warehouse/.venv/bin/credits", "/bin/true")
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in tmp_path.iterdir()]
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    for name in UNITS:
        # From 0, locked in, to 100, free to do anything; above 50 systemd itself calls it exposed.
        security = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(tmp_path / name)]
        judged = subprocess.run(security, capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout.splitlines()[-1]


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_base_and_example_build() -> None:
    built = {
        folder: list(yaml.safe_load_all(subprocess.check_output(["kubectl", "kustomize", str(folder)], text=True)))
        for folder in (KUBERNETES, EXAMPLE)
    }
    for documents in built.values():
        assert {one["kind"] for one in documents} == {one["kind"] for one in manifests()} | {"ConfigMap"}
    [run] = [one for one in built[EXAMPLE] if one["kind"] == "CronJob"]
    pod = run["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "registry.example/credits-warehouse:0.1.0"
    [settings] = [one["data"] for one in built[EXAMPLE] if one["kind"] == "ConfigMap"]
    assert settings.keys() > variables(KUBERNETES / "settings.env").keys()
    assert not list(unread_settings(settings))
    [secrets] = [mount for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == "secrets"]
    assert Path(settings["CREDITS_ALERT_URLS_FILE"]).parent == Path(secrets["mountPath"])
