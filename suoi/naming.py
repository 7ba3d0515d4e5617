"""What a table is called on its way, and when two names are one to Kafka."""

import re

from suoi.ids import AgencyId, TableName, Topic

CAPTURE_SCHEMA = "suoi_cdc"
"""The schema of ours at a PostgreSQL source; `Source.capture_schema` is that of any."""
LONGEST_TOPIC = 249
TODAY, TODAY_STATUS, TODAY_CANDIDATES = "__today", "__today_status", "__today_candidates"
"""What a view of the warehouse calls a bound code in the list that is in force today."""

_ILLEGAL = re.compile(r"[^A-Za-z0-9._-]")
_ILLEGAL_IN_FIELD = re.compile(r"[^A-Za-z0-9_]")


def raw_name(agency: AgencyId, table: str) -> Topic:
    """The topic Debezium writes `<schema>.<table>` to: it puts `_` for every UTF-16 unit a topic name cannot hold."""
    return Topic(f"{agency}.{_ILLEGAL.sub(_underscores, table)}")


def conformed_name(agency: AgencyId, table: TableName) -> Topic:
    """The topic of the conformed change log of a table."""
    return Topic(f"suoi.{agency}.{table}")


def corrections_name(agency: AgencyId, table: TableName) -> Topic:
    """The low-priority lane of a conformed topic: what replays and list decisions change."""
    return Topic(f"{conformed_name(agency, table)}.corrections")


def field_name(column: str) -> str:
    """The field Debezium writes a source column to: Avro names are ASCII letters, digits and `_`, no digit first.

    Two columns of a table that become one field stop the connector: `suoi source check` refuses them.
    """
    field = _ILLEGAL_IN_FIELD.sub(_underscores, column)
    return f"_{field}" if field[:1].isdigit() else field


def to_kafka(topic: str) -> str:
    """The form in which Kafka compares names: a topic is refused when only `.` and `_` tell it from another."""
    return topic.replace(".", "_")


def _underscores(match: re.Match[str]) -> str:
    return "_" * (len(match[0].encode("utf-16-le")) // 2)
