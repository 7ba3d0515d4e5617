"""What identity publishes comes back from its bytes as it was."""

import json

from hypothesis import given
from hypothesis import strategies as st

from streams.identity.published import (
    TOPICS,
    AliasOut,
    EventOut,
    MemberOut,
    Out,
    PersonOut,
    ReviewOut,
    Shown,
    decode,
    encode,
    schema,
)

text, texts = st.text(), st.lists(st.text(), max_size=3).map(tuple)
version, number = st.integers(0, 2**128 - 1), st.integers(0, 2**63 - 1)
outs = st.one_of(
    st.builds(
        PersonOut,
        id=text,
        version=version,
        live=st.booleans(),
        born=number,
        tier=st.sampled_from(("certified", "candidate", "")),
        rows=texts,
        fields=st.lists(st.builds(Shown, text, text, text, text), max_size=3).map(tuple),
    ),
    st.builds(MemberOut, text, version, st.none() | text, st.none() | text),
    st.builds(AliasOut, text, version, st.none() | text, number, texts),
    st.builds(
        EventOut,
        text,
        version,
        st.sampled_from(("merge", "split", "move")),
        texts,
        texts,
        text,
        st.integers(0, 2**31 - 1),
        number,
        st.none() | number,
    ),
)


reviews = st.builds(
    ReviewOut,
    text,
    version,
    st.booleans(),
    st.sampled_from(("doubt", "conflict", "contradicted")),
    text,
    text,
    st.none() | st.floats(allow_nan=False),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)


@given(outs | reviews)
def test_a_record_comes_back_as_it_was(out: Out) -> None:
    assert decode(type(out), encode(out)) == out


def test_each_schema_is_of_its_topic() -> None:
    assert {topic: json.loads(schema(of))["name"] for of, topic in TOPICS.items()} == {
        "suoi.identity.person": "identity_person",
        "suoi.identity.member": "identity_member",
        "suoi.identity.alias": "identity_alias",
        "suoi.identity.event": "identity_event",
        "suoi.identity.review": "identity_review",
    }
