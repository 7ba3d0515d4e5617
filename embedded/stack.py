"""The stack on one page: which services, on which ports, in which order; and `up`, `down`, `state`, `clean`.

kafka ──► registry ──► connect ──┐
postgres ────────────────────────┼──► workers
warehouse ───────────────────────┘
"""

from collections.abc import Mapping, Sequence

from embedded import connect, kafka, postgres, registry, warehouse, workers
from embedded.home import Home
from embedded.jars import Jars
from embedded.lifecycle import clean, down, state, up
from embedded.ports import LOOPBACK
from embedded.postgres import Placement, Server
from embedded.service import Service
from embedded.workers import Worker
from suoi.settings import Settings

__all__ = ["PORTS", "Worker", "clean", "down", "endpoints", "services", "settings", "state", "up"]

AGENCIES = ("hotich", "danhmuc")
"""The agencies of the demonstration: each has a database of its own in the one cluster."""
PORTS = kafka.PORTS + registry.PORTS + connect.PORTS + postgres.PORTS + warehouse.PORTS


def services(
    home: Home, at: Mapping[str, int], jars: Jars, place: Placement, own: Sequence[Worker] = ()
) -> list[Service]:
    """Every service of the stack of `home` on the ports `at` (PORTS)."""
    reach = settings(home, at)
    return [
        kafka.service(home.data("kafka"), home.log("kafka"), jars, at),
        postgres.service(home, place, postgres_server(home, at), AGENCIES),
        warehouse.service(home, reach, at["warehouse_http"]),
        registry.service(home.log("registry"), jars, reach.brokers, at),
        connect.service(home.data("connect"), home.log("connect"), jars, reach, home.root / "secrets"),
        *(workers.service(home, worker, at) for worker in own),
    ]


def endpoints(home: Home, at: Mapping[str, int]) -> dict[str, str]:
    """The content of `suoi.env`: where everything is."""
    reach = settings(home, at)
    sources = {f"{agency.upper()}_{what}": value for agency in AGENCIES for what, value in _agency(at).items()}
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
        "POSTGRES_ADMIN_USER": postgres.ADMIN,
        "POSTGRES_ADMIN_PASSWORD_FILE": str(home.secret_file(postgres.PASSWORD)),
    }


def postgres_server(home: Home, at: Mapping[str, int]) -> Server:
    """The cluster of the agencies, as its administrator sees it."""
    return Server(at["postgres"], home.secret_file(postgres.PASSWORD))


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


def _agency(at: Mapping[str, int]) -> dict[str, str]:
    return {"HOST": LOOPBACK, "PORT": str(at["postgres"])}
