"""Broker settings and ids."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from embedded.java import render
from embedded.kafka import new_cluster_id, properties
from suoi.topics import MAX_MESSAGE_BYTES


def test_the_broker_listens_on_loopback_and_creates_no_topic_by_itself() -> None:
    settings = properties(Path("/data"), 20000, 20001)
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:20000,CONTROLLER://127.0.0.1:20001"
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["message.max.bytes"] == MAX_MESSAGE_BYTES


def test_settings_become_one_line_each() -> None:
    assert render({"log.dirs": Path("/data"), "node.id": 1}) == "log.dirs=/data\nnode.id=1\n"


@given(st.binary(min_size=16, max_size=16))
def test_a_cluster_id_never_looks_like_an_option(random: bytes) -> None:
    text = new_cluster_id(lambda size: random[:size])
    assert len(text) == 22
    assert not text.startswith("-")
