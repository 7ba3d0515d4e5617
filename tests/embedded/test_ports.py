"""Ports are chosen once and kept."""

import random
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.ports import LOOPBACK, RANGE, choose, is_free
from suoi.errors import UserError

NAMES = ("kafka", "registry", "connect")


@given(st.integers())
def test_every_name_gets_its_own_port_below_those_of_outgoing_connections(seed: int) -> None:
    ports = choose(NAMES, {}, random.Random(seed), free=lambda port: True)
    assert len(set(ports.values())) == len(NAMES)
    assert all(port in RANGE for port in ports.values())


def test_kept_ports_stay_and_new_names_avoid_them() -> None:
    kept = choose(NAMES[:2], {}, random.Random(1), free=lambda port: True)
    ports = choose(NAMES, kept, random.Random(1), free=lambda port: True)
    assert {name: ports[name] for name in kept} == kept
    assert ports["connect"] not in kept.values()


def test_a_taken_port_is_passed_over() -> None:
    first = choose(("kafka",), {}, random.Random(1), free=lambda port: True)["kafka"]
    assert choose(("kafka",), {}, random.Random(1), free=lambda port: port != first)["kafka"] != first


def test_a_kept_port_that_another_program_uses_is_one_clear_line() -> None:
    with pytest.raises(UserError, match="port 20000 of kafka is in use"):
        choose(("kafka",), {"kafka": 20000}, random.Random(1), free=lambda port: False)


def test_a_listener_makes_its_port_busy_until_it_is_gone() -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
