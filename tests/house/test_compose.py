"""The files for servers agree with each other and with what the settings read."""

import os
import re
import stat
import subprocess

import environ
import pytest
import yaml
from cryptography.fernet import Fernet

from truefans.embedded import PROJECT

SETTINGS = set(
    re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', (PROJECT / "truefans/settings.py").read_text())
)
# Whether the file itself is read cannot stand in it.
BESIDE_THE_FILE = {"READ_ENV_FILE"}
# Read by the runner, before there are settings.
RUNNER = {"HOST"}
# Where the container is, and what no server is to have.
DECIDED_THERE = {"HOST", "PORT", "TRUEFANS_HOME", "STATIC_ROOT", "DEMO", "DEBUG", "SANDBOX_URL"}
EXAMPLE = set(re.findall(r"^#([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
SECRET = {"DATABASE_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "EMAIL_URL"}


def test_the_example_names_every_setting_and_no_other():
    assert EXAMPLE == SETTINGS - BESIDE_THE_FILE | RUNNER


@pytest.mark.parametrize("name", OURS)
def test_what_our_services_are_given_is_what_the_settings_read(name):
    given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
    assert given <= SETTINGS
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS"} <= given
    assert {"PUBLIC_URL", "ALLOWED_HOSTS"} <= given
    assert not {"DEMO", "DEBUG", "SANDBOX_URL"} & given


@pytest.mark.parametrize("name", OURS)
def test_whatever_the_example_names_is_handed_on_but_what_is_decided_there(name):
    environment = SERVICES[name]["environment"]
    given = {variable.removesuffix("_FILE") for variable in environment}
    assert given == EXAMPLE - DECIDED_THERE
    # What has no value there is as in .env, and else as the settings have it.
    fixed = {variable for variable, value in environment.items() if value and "${" not in value}
    assert fixed == {f"{secret}_FILE" for secret in SECRET} | {"REDIS_URL", "CACHE_URL"}


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_as_files_that_are_mounted_and_made(name):
    environment = SERVICES[name].get("environment", {})
    assert not SECRET & set(environment)
    files = {value for variable, value in environment.items() if variable.endswith("_FILE")}
    assert files == {f"/run/secrets/{secret}" for secret in SERVICES[name].get("secrets", [])}
    assert "password" not in str(SERVICES[name].get("command", ""))
    for secret in SERVICES[name].get("secrets", []):
        assert COMPOSE["secrets"][secret] == {"file": f"secrets/{secret}"}


@pytest.fixture
def make_secrets(tmp_path):
    """Runs a copy of the script, and returns what is in its folder then."""
    (tmp_path / "docker").mkdir()
    script = tmp_path / "docker" / "make-secrets"
    script.write_bytes((PROJECT / "docker/make-secrets").read_bytes())

    def make() -> dict[str, str]:
        subprocess.run(["sh", script], check=True)
        folder = tmp_path / "secrets"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        return {path.name: path.read_text() for path in folder.iterdir()}

    return make


def test_secrets_are_made_once_and_never_committed(make_secrets):
    made = make_secrets()
    assert set(made) == {*COMPOSE["secrets"], ".gitignore"}
    assert made[".gitignore"] == "*\n"
    assert make_secrets() == made


def test_the_secrets_fit_what_they_are_for(make_secrets):
    made = make_secrets()
    Fernet(made["field_encryption_keys"])
    assert len(made["secret_key"]) >= 50
    database = environ.Env.db_url_config(made["database_url"])
    assert (database["USER"], database["PASSWORD"]) == ("truefans", made["postgres_password"])
    assert (database["HOST"], database["NAME"]) == ("postgres", "truefans")


@pytest.mark.parametrize("name", sorted({*SERVICES} - {"migrate"}))
def test_every_service_that_stays_has_a_health_check_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_our_services_wait_for_the_migrations_and_those_for_the_database():
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }
    assert set(SERVICES["migrate"]["depends_on"]) == {"postgres", "redis"}
    assert SERVICES["migrate"]["restart"] == "no"
    for wanted in SERVICES["migrate"]["depends_on"].values():
        assert wanted == {"condition": "service_healthy"}


def test_there_may_be_many_workers_but_one_beat_and_no_sandbox():
    assert not {"container_name", "ports", "volumes"} & set(SERVICES["worker"])
    assert set(SERVICES) == {*OURS, "postgres", "redis"}
    assert "sandbox" not in str(COMPOSE)


def test_only_the_web_is_open_and_only_to_this_machine():
    open_to = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert open_to == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_nothing_runs_as_root():
    dockerfile = (PROJECT / "Dockerfile").read_text()
    final = dockerfile.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", final, re.MULTILINE) == ["10001"]
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert name in OURS or service["user"] == name


def test_what_is_kept_is_on_volumes():
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert set(COMPOSE["volumes"]) == {"postgres", "redis"}
    assert "--appendonly" in SERVICES["redis"]["command"]


def test_the_image_takes_in_only_what_production_needs():
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    taken = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert all((PROJECT / path).exists() for path in taken)
    assert not taken & {"sandbox", "tests", "var", ".env", "secrets", ".git", ".venv"}
    copied = re.findall(r"^COPY (?!--from)(\S+)", (PROJECT / "Dockerfile").read_text(), re.M)
    assert set(copied) - {"."} <= taken
    assert "docker/healthcheck.py" in taken
    assert os.access(PROJECT / "docker/make-secrets", os.X_OK)
