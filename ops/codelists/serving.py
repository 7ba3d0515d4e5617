"""The lists brought to whoever reads them: the warehouse and topic `suoi.codelist`."""

from collections.abc import Callable
from contextlib import closing

from ops.codelists import topic
from sinks import codelists
from sinks.clickhouse import Store
from suoi.codelists.lists import Lists
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import CODELIST
from suoi.warehouse import Warehouse


def serve(settings: Settings, lists: Lists, report: Callable[[str], None]) -> None:
    """Nothing is written that is there already. Raises Transient, and may be repeated."""
    with Warehouse(settings) as warehouse:
        Store(warehouse).create_own()
        if codelists.publish(warehouse, lists):
            report("the code lists are in the warehouse")
    with closing(Registry(settings)) as registry:
        schema_id = registry.register(f"{CODELIST}-value", topic.schema())
    if written := topic.publish(settings, schema_id, lists):
        report(f"the code lists are in topic {CODELIST}: {written} values were new")
