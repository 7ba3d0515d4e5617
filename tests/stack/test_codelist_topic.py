"""Topic `suoi.codelist` on a real broker: read back it is the lists, and only what differs is written."""

from pathlib import Path

import pytest
from builders.coming_version import a_coming_version

from embedded.kafka import broker
from ops.codelists import topic
from ops.codelists.importing import arrival
from suoi import kafka
from suoi.compacted import read_compacted
from suoi.settings import Settings
from suoi.topics import CODELIST, ensure, shared_topics

pytestmark = pytest.mark.stack
SCHEMA_ID = 7


def test_the_topic_read_back_is_the_lists(tmp_path: Path) -> None:
    arrived = arrival(a_coming_version(tmp_path / "coming"), tmp_path)
    with broker(tmp_path / "broker") as brokers:
        (tmp_path / "suoi.env").write_text(f"SUOI_BROKERS={brokers}\n", encoding="utf-8")
        settings = Settings.load(tmp_path)
        ensure(kafka.admin(settings), shared_topics(settings))
        wanted = dict(topic.records(arrived.after, SCHEMA_ID))

        assert topic.publish(settings, SCHEMA_ID, arrived.after) == len(wanted)
        assert read_compacted(settings, CODELIST) == wanted
        assert topic.publish(settings, SCHEMA_ID, arrived.after) == 0

        before = dict(topic.records(arrived.before, SCHEMA_ID))
        assert topic.publish(settings, SCHEMA_ID, arrived.before) == len(topic.differences(wanted, before))
        assert read_compacted(settings, CODELIST) == before
