"""Logs tell why a service died, and do not fill the disk."""

from pathlib import Path

from embedded.logs import last_error, last_words, rotate


def a_log(folder: Path, *lines: str) -> Path:
    log = folder / "kafka.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    return log


def test_the_line_that_tells_an_error_counts_more_than_the_last(tmp_path: Path) -> None:
    log = a_log(tmp_path, "INFO start", "java.io.IOException: No space left on device", "\tat java.base/x", "INFO bye")
    assert last_words(log) == "java.io.IOException: No space left on device"


def test_what_an_earlier_life_wrote_does_not_count(tmp_path: Path) -> None:
    log = a_log(tmp_path, "ERROR of yesterday", "INFO today")
    since = len("ERROR of yesterday\n")
    assert (last_words(log, since), last_error(log, since)) == ("INFO today", "")


def test_a_log_without_words_or_without_file_is_empty(tmp_path: Path) -> None:
    assert last_words(a_log(tmp_path)) == ""
    assert last_words(tmp_path / "none") == ""


def test_a_writer_goes_on_in_the_same_file_after_rotation(tmp_path: Path) -> None:
    log = a_log(tmp_path, "x" * 100)
    with log.open("ab", buffering=0) as writer:
        assert rotate(log, max_bytes=50)
        writer.write(b"after\n")
    assert log.read_text() == "after\n"
    assert log.with_name("kafka.log.1").read_text() == "x" * 100 + "\n"


def test_a_small_log_stays(tmp_path: Path) -> None:
    log = a_log(tmp_path, "short")
    assert not rotate(log, max_bytes=50)
    assert log.read_text() == "short\n"
