"""Every topic, declared once: name, partitions, configuration. `ensure` makes what is missing, and only that."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import ConfigResource, ResourceType
from confluent_kafka.cimpl import NewTopic

from suoi.errors import Contract, Place, Transient, UserError
from suoi.ids import AgencyId, TableName, Topic
from suoi.naming import conformed_name, corrections_name, raw_name
from suoi.settings import Settings
from suoi.sources.model import Source

CONFORM_GROUP = "suoi-conform"
"""raw → conformed"""
SINK_GROUP = "suoi-sink"
"""conformed → warehouse"""
IDENTITY_GROUP = "suoi-identity"
"""person records → persons"""

DEAD_LETTER = Topic("suoi.dead-letter")
REVISION = Topic("suoi.revision")
CODELIST = Topic("suoi.codelist")
PERSON_RECORD = Topic("suoi.person-record")
"""What rows say of persons: see `suoi.person_records`."""
OFFSET_MARK = Topic("suoi.offset-mark")
"""Our own record of committed offsets, by group, topic and partition."""
CONTROL = Topic("suoi.control")
"""What people and the guard decided about sources and tables: see `suoi.control`."""
VERDICT = Topic("suoi.verdict")
"""What people decided of pairs of rows: see `suoi.verdicts`."""
IDENTITY_MODEL = Topic("suoi.identity.model")
IDENTITY_PERSON = Topic("suoi.identity.person")
IDENTITY_MEMBER = Topic("suoi.identity.member")
IDENTITY_ALIAS = Topic("suoi.identity.alias")
IDENTITY_EVENT = Topic("suoi.identity.event")
IDENTITY_REVIEW = Topic("suoi.identity.review")
CONNECT_CONFIGS = Topic("suoi-connect-configs")
CONNECT_OFFSETS = Topic("suoi-connect-offsets")
CONNECT_STATUS = Topic("suoi-connect-status")

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The message limit from end to end: broker, topics, Connect worker, our producers and consumers."""
RETENTION_MS = 14 * 24 * 3600 * 1000
PARTITION_BYTES = 4 * 1024**3
"""Cap of one partition of a raw or conformed topic, whichever comes first with the 14 days."""

_ANSWER_SECONDS = 30.0
_MUST_AGREE = "cleanup.policy"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it has to be."""

    name: Topic
    partitions: int
    config: Mapping[str, str] = field(hash=False)


class TopicAdmin(Protocol):
    """What `ensure` needs of confluent_kafka's AdminClient."""

    def list_topics(self, *, timeout: float) -> Any:
        """Cluster metadata with `.topics[name].partitions`."""
        ...

    def describe_configs(self, resources: list[ConfigResource], **kwargs: Any) -> Mapping[ConfigResource, Future[Any]]:
        """Per resource a future of its configuration entries by name."""
        ...

    def create_topics(self, new_topics: list[NewTopic], **kwargs: Any) -> Mapping[str, Future[Any]]:
        """Per topic a future that is done when the topic exists."""
        ...


def raw_topic(source: Source, table: str) -> Topic:
    """Where Debezium writes `table` (`<schema>.<table>` at the source)."""
    return raw_name(source.agency, table)


def conformed_topic(agency: AgencyId, table: TableName) -> Topic:
    """The conformed change log of a table."""
    return conformed_name(agency, table)


def corrections_topic(agency: AgencyId, table: TableName) -> Topic:
    """The low-priority lane of a conformed topic."""
    return corrections_name(agency, table)


def heartbeat_topic(source: Source) -> Topic:
    """The changes of the heartbeat table at the source: source position and source time, every few seconds."""
    return raw_name(source.agency, f"{source.capture_schema}.heartbeat")


def debezium_heartbeat_topic(agency: AgencyId) -> Topic:
    """Debezium's own heartbeat."""
    return Topic(f"__debezium-heartbeat.{agency}")


def transaction_topic(agency: AgencyId) -> Topic:
    """Begin and end of every transaction at the source; one partition keeps both in order."""
    return Topic(f"{agency}.transaction")


def signals_topic(agency: AgencyId) -> Topic:
    """What we ask of the connector; the record key must be the agency."""
    return Topic(f"{agency}.signals")


def notifications_topic(agency: AgencyId) -> Topic:
    """What the connector tells: snapshots started, finished, failed."""
    return Topic(f"{agency}.notifications")


def schema_history_topic(agency: AgencyId) -> Topic:
    """What a connector whose log says nothing about columns remembers of them."""
    return Topic(f"{agency}.schema-history")


def topics_of(source: Source, settings: Settings) -> tuple[TopicSpec, ...]:
    """Every topic of one agency: raw, conformed and corrections per table, then those of its connector."""
    agency = source.agency
    names = [
        name
        for key, table in source.tables.items()
        for name in (
            raw_topic(source, key),
            conformed_topic(agency, table.name),
            corrections_topic(agency, table.name),
        )
    ]
    own = (
        heartbeat_topic(source),
        raw_name(agency, f"{source.capture_schema}.debezium_signal"),
        debezium_heartbeat_topic(agency),
        transaction_topic(agency),
        signals_topic(agency),
        notifications_topic(agency),
    )
    logs = tuple(TopicSpec(name, settings.partitions, _log(settings)) for name in names)
    history = (TopicSpec(schema_history_topic(agency), 1, _kept(settings)),) if source.keeps_schema_history else ()
    return logs + tuple(TopicSpec(name, 1, _log(settings)) for name in own) + history


def shared_topics(settings: Settings) -> tuple[TopicSpec, ...]:
    """The topics that belong to no agency, Connect's three included."""
    compacted = _config(settings, "compact")
    return (
        TopicSpec(DEAD_LETTER, settings.partitions, compacted),
        TopicSpec(PERSON_RECORD, settings.partitions, compacted),
        TopicSpec(REVISION, 1, compacted),
        TopicSpec(CODELIST, 1, compacted),
        TopicSpec(OFFSET_MARK, 1, compacted),
        TopicSpec(CONTROL, 1, compacted),
        TopicSpec(VERDICT, 1, compacted),
        TopicSpec(IDENTITY_MODEL, 1, compacted),
        TopicSpec(IDENTITY_PERSON, settings.partitions, compacted),
        TopicSpec(IDENTITY_MEMBER, settings.partitions, compacted),
        TopicSpec(IDENTITY_ALIAS, settings.partitions, compacted),
        TopicSpec(IDENTITY_EVENT, settings.partitions, _log(settings)),
        TopicSpec(IDENTITY_REVIEW, settings.partitions, compacted),
        TopicSpec(CONNECT_CONFIGS, 1, compacted),
        TopicSpec(CONNECT_OFFSETS, 5, compacted),
        TopicSpec(CONNECT_STATUS, 1, compacted),
    )


def ensure(admin: TopicAdmin, specs: Sequence[TopicSpec], replication_factor: int = 1) -> tuple[Topic, ...]:
    """Create what is missing and return its names.

    A topic that exists is left as it is. Raises Contract naming both values when its partition count or cleanup policy
    is another one (a changed partition count moves keys), Transient when the broker does not answer.
    """
    try:
        known = admin.list_topics(timeout=_ANSWER_SECONDS).topics
        _check([spec for spec in specs if spec.name in known], known, admin)
        return _create([spec for spec in specs if spec.name not in known], admin, replication_factor)
    except KafkaException as exc:
        raise _as_ours(exc.args[0]) from exc


def _log(settings: Settings) -> Mapping[str, str]:
    kept = {"retention.ms": str(RETENTION_MS), "retention.bytes": str(PARTITION_BYTES)}
    return MappingProxyType({**_config(settings, "delete"), **kept})


def _kept(settings: Settings) -> Mapping[str, str]:
    """A log that is read from its beginning at every start: what expired would be missed."""
    return MappingProxyType({**_config(settings, "delete"), "retention.ms": "-1", "retention.bytes": "-1"})


def _config(settings: Settings, cleanup: str) -> Mapping[str, str]:
    in_sync = max(1, settings.replication_factor - 1)
    common = {"max.message.bytes": str(MAX_MESSAGE_BYTES), "min.insync.replicas": str(in_sync)}
    return MappingProxyType({"cleanup.policy": cleanup, **common})


def _check(specs: Sequence[TopicSpec], known: Mapping[str, Any], admin: TopicAdmin) -> None:
    policies = _policies([spec.name for spec in specs], admin)
    for spec in specs:
        _refuse_other(spec, "partitions", str(len(known[spec.name].partitions)), str(spec.partitions))
        _refuse_other(spec, _MUST_AGREE, policies[spec.name], spec.config[_MUST_AGREE])


def _policies(names: Iterable[Topic], admin: TopicAdmin) -> Mapping[str, str]:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    answers = admin.describe_configs(resources, request_timeout=_ANSWER_SECONDS) if resources else {}
    return {resource.name: str(future.result()[_MUST_AGREE].value) for resource, future in answers.items()}


def _refuse_other(spec: TopicSpec, what: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise Contract(
            f"{what} is {found}, declared is {wanted}; drain the topic and raise the epoch, or declare {found}",
            place=Place("topics", spec.name),
        )


def _create(specs: Sequence[TopicSpec], admin: TopicAdmin, replication_factor: int) -> tuple[Topic, ...]:
    wanted = [NewTopic(spec.name, spec.partitions, replication_factor, config=dict(spec.config)) for spec in specs]
    answers = admin.create_topics(wanted, operation_timeout=_ANSWER_SECONDS) if wanted else {}
    return tuple(Topic(name) for name, future in answers.items() if _created(name, future))


def _created(name: str, future: Future[Any]) -> bool:
    """False when somebody else made it in the meantime."""
    try:
        future.result()
    except KafkaException as exc:
        if exc.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise _as_ours(exc.args[0], name) from exc
    return True


def _as_ours(error: KafkaError, topic: str = "") -> Transient | UserError:
    place = Place("topics", topic)
    away = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError.REQUEST_TIMED_OUT)
    if error.retriable() or error.code() in away:
        return Transient(f"the broker does not answer: {error.str()}", place=place)
    return UserError(f"the broker refuses: {error.str()}", place=place)
