"""The whole of PROCESS on one page: topic → step → topic.

<agency>.<schema>.<table> ──conform──► suoi.<agency>.<table>
                                ├────► suoi.person-record ──identity──► suoi.identity.{person,member,alias,event}
                                └────► suoi.dead-letter
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from suoi.ids import Topic
from suoi.sources import Source, Table
from suoi.topics import conformed_topic, raw_topic


@dataclass(frozen=True, slots=True)
class Flow:
    """One table on its way: what conform reads and where its rows go."""

    source: Source
    table: Table
    raw: Topic
    conformed: Topic


def topology(sources: Iterable[Source]) -> Mapping[Topic, Flow]:
    """Raw topic → flow, for every table of every source."""
    flows = (
        Flow(source, table, raw_topic(source, name), conformed_topic(source.agency, table.name))
        for source in sources
        for name, table in source.tables.items()
    )
    return {flow.raw: flow for flow in flows}
