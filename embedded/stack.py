"""The stack on one page: which services, on which ports, in which order; and `up`, `down`, `state`, `clean`.

kafka ──► registry ──► connect ──┐
postgres ────────────────────────┼──► workers
mariadb (where it is installed) ─┤
warehouse ───────────────────────┘
"""

from collections.abc import Mapping, Sequence

from embedded import connect, kafka, mariadb, postgres, registry, warehouse, workers
from embedded.home import Home
from embedded.jars import Jars
from embedded.lifecycle import clean, down, state, up
from embedded.ports import LOOPBACK
from embedded.postgres import Placement, Server
from embedded.service import Service
from embedded.workers import Worker
from suoi.errors import UserError
from suoi.settings import Settings

__all__ = ["PORTS", "Worker", "clean", "down", "endpoints", "kinds", "services", "settings", "state", "up"]

AGENCIES = ("hotich", "danhmuc", "yte", "motcua", "bhxh")
"""The agencies of the demonstration: each has a database of its own in the one cluster."""
ON_MARIADB = ("giaoduc", "cbcc")
"""Agencies whose databases are MariaDB's, where this machine has it."""
_INSTALL = "Debian: apt-get install mariadb-server-core mariadb-client-core"
PORTS = kafka.PORTS + registry.PORTS + connect.PORTS + postgres.PORTS + mariadb.PORTS + warehouse.PORTS
Kinds = Mapping[str, str]
"""Agency → kind of its database."""


def kinds(known: Kinds, programs: mariadb.Programs | None) -> Kinds:
    """Which database every agency of the demonstration has. What was decided at the first start of a home stays: the
    data are there. Raises UserError when MariaDB is gone that was there before."""
    decided = dict.fromkeys(AGENCIES, "postgresql") | dict.fromkeys(ON_MARIADB, "mariadb" if programs else "postgresql")
    decided |= known
    if programs is None and (lost := [agency for agency, kind in decided.items() if kind == "mariadb"]):
        raise UserError(
            f"{', '.join(lost)}: the data are MariaDB's, and mariadbd is not installed any more; {_INSTALL}"
        )
    return decided


def notes(decided: Kinds) -> tuple[str, ...]:
    """What is not as it should be, for people."""
    fallen = [agency for agency in ON_MARIADB if decided.get(agency) != "mariadb"]
    told = f"{', '.join(fallen)} run on PostgreSQL: this home was made without MariaDB; {_INSTALL}, then start anew"
    return (told,) if fallen else ()


def services(
    home: Home, at: Mapping[str, int], jars: Jars, place: Placement, decided: Kinds, own: Sequence[Worker] = ()
) -> list[Service]:
    """Every service of the stack of `home` on the ports `at` (PORTS)."""
    base = [*_databases(home, at, place, decided), *_pipeline(home, at, jars)]
    return [*base, *(workers.service(home, worker, at, [service.name for service in base]) for worker in own)]


def _databases(home: Home, at: Mapping[str, int], place: Placement, decided: Kinds) -> list[Service]:
    """A server per kind that an agency has."""
    by_kind = {kind: [agency for agency in decided if decided[agency] == kind] for kind in ("postgresql", "mariadb")}
    found = [postgres.service(home, place, postgres_server(home, at), by_kind["postgresql"])]
    if by_kind["mariadb"] and (programs := mariadb.installed()):
        found.append(mariadb.service(home, place, programs, mariadb_server(home, at), by_kind["mariadb"]))
    return found


def _pipeline(home: Home, at: Mapping[str, int], jars: Jars) -> list[Service]:
    reach = settings(home, at)
    return [
        kafka.service(home.data("kafka"), home.log("kafka"), jars, at),
        warehouse.service(home, reach, at["warehouse_http"]),
        registry.service(home.log("registry"), jars, reach.brokers, at),
        connect.service(home.data("connect"), home.log("connect"), jars, reach, home.root / "secrets"),
    ]


def endpoints(home: Home, at: Mapping[str, int], decided: Kinds) -> dict[str, str]:
    """The content of `suoi.env`: where everything is."""
    reach = settings(home, at)
    sources = {
        f"{agency.upper()}_{what}": value
        for agency, kind in decided.items()
        for what, value in _agency(at, kind).items()
    }
    administrators = {"POSTGRES": (postgres.ADMIN, postgres.PASSWORD)}
    if "mariadb" in decided.values():
        administrators["MARIADB"] = (mariadb.ADMIN, mariadb.PASSWORD)
    return {
        "SUOI_BROKERS": reach.brokers,
        "SUOI_REGISTRY_URL": reach.registry_url,
        "SUOI_CONNECT_URL": reach.connect_url,
        "SUOI_WAREHOUSE_HOST": reach.warehouse_host,
        "SUOI_WAREHOUSE_PORT": str(reach.warehouse_port),
        "SUOI_WAREHOUSE_HTTP_PORT": str(at["warehouse_http"]),
        "SUOI_WAREHOUSE_USER": reach.warehouse_user,
        "SUOI_WAREHOUSE_PASSWORD_FILE": str(reach.warehouse_password_file),
        **sources,
        "SUOI_DECLARE_REVISION": "true",
        **{f"{kind}_ADMIN_USER": user for kind, (user, _) in administrators.items()},
        **{f"{kind}_ADMIN_PASSWORD_FILE": str(home.secret_file(file)) for kind, (_, file) in administrators.items()},
    }


def postgres_server(home: Home, at: Mapping[str, int]) -> Server:
    """The cluster of the agencies, as its administrator sees it."""
    return Server(at["postgres"], home.secret_file(postgres.PASSWORD))


def mariadb_server(home: Home, at: Mapping[str, int]) -> mariadb.Server:
    """The server of the agencies on MariaDB, as its administrator sees it."""
    return mariadb.Server(at["mariadb"], home.secret_file(mariadb.PASSWORD))


def settings(home: Home, at: Mapping[str, int]) -> Settings:
    """How the supervisor itself reaches Kafka and its neighbours, whatever the environment says of others."""
    return Settings(
        home=home.root,
        brokers=f"{LOOPBACK}:{at['kafka']}",
        registry_url=registry.url(at),
        connect_url=f"http://{LOOPBACK}:{at['connect']}",
        kafka_security_protocol="PLAINTEXT",
        warehouse_host=LOOPBACK,
        warehouse_port=at["warehouse"],
        warehouse_user=warehouse.USER,
        warehouse_password_file=home.secret_file(warehouse.PASSWORD),
        warehouse_secure=False,
    )


def _agency(at: Mapping[str, int], kind: str) -> dict[str, str]:
    return {"HOST": LOOPBACK, "PORT": str(at["postgres" if kind == "postgresql" else kind]), "KIND": kind}
