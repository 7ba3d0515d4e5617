"""Topics are declared once and made once; what exists otherwise is a broken contract, never changed in silence."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from builders.sources import a_source_file
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.cimpl import NewTopic

from suoi.errors import Contract, Transient, UserError
from suoi.ids import AgencyId, TableName, Topic
from suoi.naming import raw_name, to_kafka
from suoi.settings import Settings
from suoi.topics import (
    DEAD_LETTER,
    REVISION,
    TopicSpec,
    conformed_topic,
    ensure,
    raw_topic,
    schema_history_topic,
    shared_topics,
    topics_of,
)

SETTINGS = Settings(partitions=6, replication_factor=1)


class Broker:
    """The three calls of an AdminClient that `ensure` makes, over topics in memory."""

    def __init__(self, *existing: TopicSpec, refusal: int | None = None) -> None:
        self.specs = {str(spec.name): spec for spec in existing}
        self.refusal = refusal

    def list_topics(self, *, timeout: float) -> Any:
        assert timeout > 0
        topics = {
            name: SimpleNamespace(partitions=dict.fromkeys(range(spec.partitions))) for name, spec in self.specs.items()
        }
        return SimpleNamespace(topics=topics)

    def describe_configs(self, resources: list[Any], **kwargs: Any) -> dict[Any, Future[Any]]:
        def entries(name: str) -> dict[str, Any]:
            return {key: SimpleNamespace(value=value) for key, value in self.specs[name].config.items()}

        return {resource: done(entries(resource.name)) for resource in resources}

    def create_topics(self, new_topics: list[NewTopic], **kwargs: Any) -> dict[str, Future[Any]]:
        if self.refusal is not None:
            return {new.topic: failed(self.refusal) for new in new_topics}
        for new in new_topics:
            self.specs[new.topic] = TopicSpec(Topic(new.topic), new.num_partitions, dict(new.config or {}))
        return {new.topic: done(None) for new in new_topics}


def done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def failed(code: int) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(KafkaException(KafkaError(code)))
    return future


def test_an_agency_has_its_tables_in_partitions_and_its_own_topics_in_one() -> None:
    specs = {spec.name: spec.partitions for spec in topics_of(a_source_file(), SETTINGS)}
    assert specs == {
        "hotich.public.khai_sinh": 6,
        "suoi.hotich.khai_sinh": 6,
        "suoi.hotich.khai_sinh.corrections": 6,
        "hotich.suoi_cdc.heartbeat": 1,
        "hotich.suoi_cdc.debezium_signal": 1,
        "__debezium-heartbeat.hotich": 1,
        "hotich.transaction": 1,
        "hotich.signals": 1,
        "hotich.notifications": 1,
    }


def test_logs_are_kept_for_14_days_and_decisions_for_ever() -> None:
    raw = topics_of(a_source_file(), SETTINGS)[0].config
    assert (raw["cleanup.policy"], raw["retention.ms"], raw["max.message.bytes"]) == (
        "delete",
        "1209600000",
        "16777216",
    )
    assert int(raw["retention.bytes"]) > 0
    shared = {spec.name: spec for spec in shared_topics(SETTINGS)}
    policies = {name: spec.config["cleanup.policy"] for name, spec in shared.items()}
    assert {name for name, policy in policies.items() if policy != "compact"} == {"suoi.identity.event"}
    assert (shared[DEAD_LETTER].partitions, shared[REVISION].partitions) == (6, 1)


def test_no_topic_of_one_agency_is_another_to_kafka() -> None:
    names = [to_kafka(spec.name) for spec in (*topics_of(a_source_file(), SETTINGS), *shared_topics(SETTINGS))]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("table", "topic"),
    [
        ("public.khai_sinh", "hotich.public.khai_sinh"),
        ("public.Bảng Lớn", "hotich.public.B_ng_L_n"),
        ("public.😀", "hotich.public.__"),
        ("HIS.DM-BN", "hotich.HIS.DM-BN"),
    ],
)
def test_raw_topics_are_named_as_debezium_names_them(table: str, topic: str) -> None:
    assert raw_name(AgencyId("hotich"), table) == topic
    assert raw_topic(a_source_file(), table) == topic


def test_conformed_topics_are_named_after_agency_and_table() -> None:
    assert conformed_topic(AgencyId("hotich"), TableName("khai_sinh")) == "suoi.hotich.khai_sinh"


def test_ensure_makes_what_is_missing_and_only_that() -> None:
    specs = shared_topics(SETTINGS)
    broker = Broker(specs[0])
    assert ensure(broker, specs) == tuple(spec.name for spec in specs[1:])
    assert ensure(broker, specs) == ()
    assert broker.specs["suoi.revision"] == TopicSpec(REVISION, 1, dict(specs[1].config))


def test_other_settings_of_an_existing_topic_are_left_alone() -> None:
    kept = TopicSpec(REVISION, 1, {"cleanup.policy": "compact", "max.message.bytes": "1"})
    broker = Broker(kept)
    ensure(broker, shared_topics(SETTINGS))
    assert broker.specs["suoi.revision"] is kept


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (TopicSpec(REVISION, 3, {"cleanup.policy": "compact"}), "topics suoi.revision: partitions is 3, declared is 1"),
        (TopicSpec(REVISION, 1, {"cleanup.policy": "delete"}), "cleanup.policy is delete, declared is compact"),
    ],
)
def test_another_shape_is_a_broken_contract_and_nothing_is_made(found: TopicSpec, told: str) -> None:
    broker = Broker(found)
    with pytest.raises(Contract, match=told):
        ensure(broker, shared_topics(SETTINGS))
    assert list(broker.specs) == ["suoi.revision"]


def test_a_topic_somebody_else_just_made_is_fine() -> None:
    assert ensure(Broker(refusal=KafkaError.TOPIC_ALREADY_EXISTS), shared_topics(SETTINGS)) == ()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(KafkaError.INVALID_REPLICATION_FACTOR, UserError), (KafkaError._TIMED_OUT, Transient)],
)
def test_a_refused_topic_says_what_should_happen_next(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"topics suoi\.dead-letter: the broker"):
        ensure(Broker(refusal=code), shared_topics(SETTINGS)[:1])


def test_a_mariadb_agency_has_a_schema_of_its_own_for_us_and_a_schema_history_that_never_expires() -> None:
    file = a_source_file()
    source = file.model_copy(update={"database": file.database.model_copy(update={"kind": "mariadb"})})
    specs = {spec.name: spec for spec in topics_of(source, SETTINGS)}
    assert {"hotich.suoi_hotich.heartbeat", "hotich.suoi_hotich.debezium_signal"} <= specs.keys()
    history = specs[schema_history_topic(source.agency)]
    assert history.partitions == 1
    kept = ("cleanup.policy", "retention.ms", "retention.bytes")
    assert [history.config[name] for name in kept] == ["delete", "-1", "-1"]
