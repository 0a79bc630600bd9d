"""The compose file lets no one in, limits what it runs, and names nothing that is not there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from pydantic import AliasChoices
from typer.core import TyperGroup
from typer.main import get_command

from slotwise.health.verdict.table import STATES
from slotwise.settings import Settings
from tests.support.compose import FILE, ROOT, compose, required
from workers.commands.root import command_line

SECRETS = {name: f"word-{number}" for number, name in enumerate(sorted(required()))}
SECRETS["FLOWER_BASIC_AUTH"] = "trader:word"
SERVICES: dict[str, dict[str, Any]] = compose(SECRETS)["services"]
OURS = {name for name, service in SERVICES.items() if service["image"] == "slotwise"}
#: The keys that a service may have; only this list finds a misspelt one.
KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "deploy", "environment", "extra_hosts",
    "healthcheck", "image", "init", "mem_limit", "ports", "profiles", "read_only", "restart",
    "security_opt", "tmpfs", "user", "volumes",
}  # fmt: skip
SERVICE = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_services_are_those_the_docs_name() -> None:
    assert set(SERVICES) == {
        "redis", "gateway", "worker", "lake", "beat", "monitor", "web", "flower",
        "simulator", "prometheus", "grafana",
    }  # fmt: skip
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert {name for name, of in profiles.items() if of == ["demo"]} == {"simulator"}
    assert {name for name, of in profiles.items() if of == ["observe"]} == {"prometheus", "grafana"}
    assert not any(of for name, of in profiles.items() if name in OURS - {"simulator"})


@SERVICE
def test_a_service_is_shut_in(name: str) -> None:
    """No capability it does not need, nothing gained later, a root file system it cannot write."""
    service = SERVICES[name]
    assert set(service) <= KEYS
    assert service["restart"] == "unless-stopped"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    if name == "redis":
        # Its own entry point goes on as user redis once it has the data folder.
        assert set(service["cap_add"]) == {"CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"}
    else:
        assert "cap_add" not in service
        assert int(service["user"].partition(":")[0]) > 0, "not root"


@SERVICE
def test_a_service_is_open_on_loopback_alone(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@SERVICE
def test_a_services_health_is_asked_for(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert check["retries"] >= 1
    assert {"interval", "timeout"} <= set(check)


@SERVICE
def test_a_service_waits_for_services_that_are_there_and_well(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert how == {"condition": "service_healthy"}


@SERVICE
def test_a_services_files_are_there(name: str) -> None:
    """Named volumes are declared, and what is taken from the project exists and is not written."""
    volumes = yaml.safe_load(FILE.read_text())["volumes"]
    for volume in SERVICES[name].get("volumes", []):
        source, _, rest = volume.partition(":")
        if source.startswith("./"):
            assert (ROOT / source).exists()
            assert rest.endswith(":ro")
        else:
            assert source in volumes


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_services_command_is_one_of_ours(name: str) -> None:
    """With options that the command line has."""
    program, *args = SERVICES[name]["command"]
    assert program == "slotwise"
    command = get_command(command_line())
    with command.make_context("slotwise", list(args[:1]), resilient_parsing=True):
        assert isinstance(command, TyperGroup)
        found = command.commands[args[0]]
    found.make_context(args[0], list(args[1:])).close()


def test_every_setting_that_is_named_exists() -> None:
    known = {f"SLOTWISE_{name.upper()}" for name in Settings.model_fields} | {"REDIS_URL"}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            known |= {str(name) for name in field.validation_alias.choices}
    named = {
        variable
        for name in OURS
        for variable in SERVICES[name].get("environment", {})
        if variable != "FLOWER_BASIC_AUTH"
    }
    texts = [FILE, *ROOT.glob("infra/**/*"), *ROOT.glob("docs/*.md"), *ROOT.glob("*.md")]
    for text in texts:
        if text.is_file() and text.suffix not in (".png", ".svg", ".pyc"):
            named |= set(re.findall(r"\bSLOTWISE_[A-Z_]*[A-Z]\b", text.read_text()))
    # NAME stands for any, and what begins with TEST is for those who build this.
    named = {re.sub(r"_FILE$", "", n) for n in named if not n.startswith("SLOTWISE_TEST_")}
    named -= {"SLOTWISE_NAME"}
    assert named <= known, named - known


#: Settings that a container has its own of: folders, files, addresses, and what `up` alone reads.
#: Redis allows the keys of one prefix.
CONTAINERS_OWN = {
    "redis_url", "key_prefix", "lake", "state", "spool", "wire_log", "wire_log_names", "probe",
    "health_host", "health_port", "web", "log_json", "signing_key", "signing_certificate",
    "signing_trusted", "ib_connect_timeout_s",
}  # fmt: skip
#: Settings of one service, which has them.
OF_ONE_SERVICE = {
    "ib_host": "gateway", "ib_port": "gateway", "web_prefix": "web", "flower_url": "web",
}  # fmt: skip
#: Processes with the settings; the simulator has none.
WITH_SETTINGS = sorted(OURS - {"simulator"})


@pytest.mark.parametrize("name", WITH_SETTINGS)
def test_a_setting_of_the_file_env_reaches_a_service(name: str) -> None:
    """Also one that is set to nothing; what is not set has its default."""
    shared = set(Settings.model_fields) - CONTAINERS_OWN - set(OF_ONE_SERVICE)
    passed = shared | {setting for setting, service in OF_ONE_SERVICE.items() if service == name}
    variables = {setting: f"SLOTWISE_{setting.upper()}" for setting in passed}
    given = compose(SECRETS | {each: f"of {each}" for each in variables.values()})
    for variable in variables.values():
        assert given["services"][name]["environment"].get(variable) == f"of {variable}"
    environment = SERVICES[name]["environment"]
    read = Settings.model_validate({each: environment[variables[each]] for each in shared})
    for each in shared:
        assert getattr(read, each) == Settings.model_fields[each].get_default(), each
    without = compose(SECRETS | {"SLOTWISE_WATCH": ""})["services"][name]["environment"]
    assert without["SLOTWISE_WATCH"] == ""


def test_passwords_are_lines_of_their_own_in_a_file_that_ends_without_one(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    script = tmp_path / "infra" / "secrets.sh"
    script.write_bytes((ROOT / "infra" / "secrets.sh").read_bytes())
    (tmp_path / ".env").write_text("FLOWER_BASIC_AUTH=trader:mine\nSLOTWISE_LINES=40")
    made = subprocess.run(["sh", str(script)], check=True, capture_output=True, text=True)
    lines = (tmp_path / ".env").read_text().splitlines()
    assert lines[:2] == ["FLOWER_BASIC_AUTH=trader:mine", "SLOTWISE_LINES=40"]
    assert {line.partition("=")[0] for line in lines} == required() | {"SLOTWISE_LINES"}
    assert "FLOWER_BASIC_AUTH" in made.stdout
    assert "last" not in made.stdout


def test_no_password_has_a_default(tmp_path: Path) -> None:
    """Without secrets nothing starts; the script makes all of them, and no two are the same."""
    for name in required():
        with pytest.raises(KeyError, match=name):
            compose({key: word for key, word in SECRETS.items() if key != name})
    (tmp_path / "infra").mkdir()
    script = tmp_path / "infra" / "secrets.sh"
    script.write_bytes((ROOT / "infra" / "secrets.sh").read_bytes())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    made = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines() if line)
    assert set(made) == required()
    assert len(set(made.values())) == len(made)
    assert all(len(word) >= 24 for word in made.values())
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    assert (tmp_path / ".env").read_text().count("=") == len(made), "a second run changes nothing"


def test_the_image_has_no_secret_and_is_not_root() -> None:
    text = (ROOT / "infra" / "Dockerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert not re.search(r"^(ARG|ENV) .*(PASSWORD|SECRET|TOKEN)", text, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git"} <= set(ignored) or ignored[0] == "*"


def metrics_served() -> set[str]:
    """Name every metric that a process of ours can serve."""
    text = (ROOT / "slotwise" / "health" / "metrics.py").read_text()
    gauges = set(re.findall(r"_(?:gauge|one|by)\(\s*\"(slotwise_\w+)\"", text))
    counters = set(re.findall(r"(?:_counts?|CounterMetricFamily)\(\s*\"(slotwise_\w+)\"", text))
    return gauges | {f"{name}_total" for name in counters}


def queries() -> list[str]:
    """Give every query of the dashboard and of the alerts."""
    dashboard = json.loads((ROOT / "infra/grafana/dashboards/slotwise.json").read_text())
    alerts = yaml.safe_load((ROOT / "infra/prometheus/alerts.yml").read_text())
    return [
        *(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]),
        *(rule["expr"] for group in alerts["groups"] for rule in group["rules"]),
    ]


@pytest.mark.parametrize("query", queries())
def test_prometheus_understands_every_query(query: str) -> None:
    assert promql_parser.parse(query) is not None


def test_dashboard_and_alerts_ask_for_metrics_that_are_served() -> None:
    assert len(queries()) > 30
    asked = {name for query in queries() for name in re.findall(r"\bslotwise_\w+", query)}
    assert asked <= metrics_served(), asked - metrics_served()


def test_every_alert_is_explained() -> None:
    """A person who is woken finds what it means and what to do."""
    alerts = yaml.safe_load((ROOT / "infra/prometheus/alerts.yml").read_text())
    operations = (ROOT / "docs" / "operations.md").read_text()
    for group in alerts["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"]
            assert f"`{rule['alert']}`" in operations, rule["alert"]


def test_the_alert_on_the_verdict_has_exactly_the_states_that_are_sent() -> None:
    alerts = yaml.safe_load((ROOT / "infra/prometheus/alerts.yml").read_text())
    rule = next(one for one in alerts["groups"][0]["rules"] if one["alert"] == "Verdict")
    left_out = re.findall(r'state!~"([^"]+)"', rule["expr"])
    assert left_out == ["|".join(state.name for state in STATES if not state.alert)]
