"""Bodies: by length, in chunks, encoded, framed, as forms; and broken off in the middle of each."""

import gzip
import io
from email.message import Message

import lz4.frame
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from embedded.gateway.errors import ClickHouseError
from embedded.gateway.frames import compressed
from embedded.gateway.http.body import Body, pieces, read_form

CONTENT = b"one,two\n" * 1000
ENCODE = {"": bytes, "gzip": gzip.compress, "lz4": lz4.frame.compress, "zstd": zstd.compress}


def a_body(data: bytes, **headers: str) -> Body:
    """A body that is followed by another request."""
    message = Message()
    for name, value in {"Content_Length": str(len(data)), **headers}.items():
        message[name.replace("_", "-")] = value
    return Body(io.BufferedReader(io.BytesIO(data + b"GET /")), message)


def chunked(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


@given(st.lists(st.binary(max_size=50), max_size=5), st.sampled_from(list(ENCODE)))
def test_the_content_comes_back_however_it_was_sent(parts: list[bytes], encoding: str) -> None:
    content = b"".join(parts)
    whole = ENCODE[encoding](content) if content else b""
    assert b"".join(pieces(a_body(whole), encoding if content else "", framed=False)) == content
    halves = chunked([whole[: len(whole) // 2], whole[len(whole) // 2 :]])
    body = a_body(halves, Transfer_Encoding="chunked")
    assert b"".join(pieces(body, encoding if content else "", framed=False)) == content
    assert body.done


def test_encodings_may_come_in_several_parts() -> None:
    for encoding, encode in ENCODE.items():
        assert b"".join(pieces(a_body(encode(b"a" * 99) + encode(b"b")), encoding, framed=False)) == b"a" * 99 + b"b"


def test_frames_are_undone_one_after_the_other() -> None:
    body = a_body(compressed(b"one") + compressed(b"two"))
    assert list(pieces(body, "", framed=True)) == [b"one", b"two"]


def test_a_body_shorter_than_it_said_is_broken_off() -> None:
    message = Message()
    message["Content-Length"] = "10"
    with pytest.raises(ClickHouseError, match="breaks off") as caught:
        list(pieces(Body(io.BufferedReader(io.BytesIO(b"12345")), message), "", framed=False))
    assert caught.value.code == 33


@pytest.mark.parametrize("cut", [b"zz\r\n", b"5\r\n123", b"3\r\n123\r\n"])
def test_chunks_that_break_off_are_told(cut: bytes) -> None:
    message = Message()
    message["Transfer-Encoding"] = "chunked"
    with pytest.raises(ClickHouseError, match="breaks off"):
        list(pieces(Body(io.BufferedReader(io.BytesIO(cut)), message), "", framed=False))


@pytest.mark.parametrize("encoding", ["gzip", "lz4"])
def test_an_encoded_body_that_breaks_off_is_told(encoding: str) -> None:
    with pytest.raises(ClickHouseError, match="Cannot decompress") as caught:
        list(pieces(a_body(ENCODE[encoding](CONTENT)[:-8]), encoding, framed=False))
    assert caught.value.code == 271


def test_a_frame_that_breaks_off_is_told() -> None:
    with pytest.raises(ClickHouseError, match="breaks off"):
        list(pieces(a_body(compressed(CONTENT)[:-1]), "", framed=True))


def test_an_unknown_encoding_is_named_with_the_known_ones() -> None:
    with pytest.raises(ClickHouseError, match="'snappy', valid: gzip, br, lz4, zstd"):
        list(pieces(a_body(b"x"), "snappy", framed=False))


def test_a_form_has_fields_and_files() -> None:
    parts = [
        b"Content-Disposition: form-data; name=\"query\"\r\n\r\nSELECT 'n\xc6\xb0\xe1\xbb\x9bc'",
        b'Content-Disposition: form-data; name="ext"; filename="e.csv"\r\n\r\n1,\xff\r\n',
    ]
    data = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    message = Message()
    message["Content-Type"] = "multipart/form-data; boundary=edge"
    form = read_form(a_body(data), message)
    assert dict(form.fields) == {"query": "SELECT 'nước'"}
    assert dict(form.files) == {"ext": b"1,\xff\r\n"}


def test_any_other_body_is_no_form_and_left_alone() -> None:
    body = a_body(b"SELECT 1")
    assert dict(read_form(body, Message()).fields) == {}
    assert b"".join(pieces(body, "", framed=False)) == b"SELECT 1"
