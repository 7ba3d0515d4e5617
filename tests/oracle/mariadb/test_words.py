"""How values, keys and rows are written for MariaDB, and what its log says."""

from oracle.engine import Seen
from oracle.mariadb import words
from oracle.model import Column

SEEN = Seen("t", ("ma", "so"), (Column(0, "so", "int8"), Column(1, "ma", "text"), Column(2, "tep", "bytea")))


def test_numbers_of_a_key_stand_as_they_are_and_texts_are_parameters() -> None:
    where, values = words.among(SEEN, [("a'b", "7"), ("c", "-9007199254740993")])
    assert where == "(`ma` = %s AND `so` = 7) OR (`ma` = %s AND `so` = -9007199254740993)"
    assert values == ["a'b", "c"]


def test_bytes_are_given_and_told_as_digits() -> None:
    assert words.given("bytea", "%s") == "UNHEX(SUBSTRING(%s, 3))"
    assert words.given("text", "@c1") == "@c1"
    assert words.printed(SEEN) == "`so`, `ma`, CONCAT(_utf8mb4 X'5C78', LOWER(HEX(`tep`)))"


def test_a_line_of_load_data_keeps_what_is_hard_to_quote() -> None:
    rows: list[dict[str, str | None]] = [{"a": "x\ty", "b": None}, {"a": "\\N", "b": "g\nh"}]
    assert words.lines(rows) == "x\\ty\t\\N\n\\\\N\tg\\nh\n"


def test_a_statement_in_the_log_belongs_to_the_transaction_that_began_last() -> None:
    events = [
        ("Gtid", "BEGIN GTID 0-1-41"),
        ("Annotate_rows", "INSERT INTO `a`.`oracle_journal` VALUES (1)"),
        ("Gtid", "GTID 0-1-42"),
        ("Query", "use `a`; TRUNCATE TABLE `a`.`t` /* oracle 7f */"),
        ("Gtid", "BEGIN GTID 0-1-43 cid=5"),
        ("Annotate_rows", "INSERT INTO `a`.`oracle_journal` VALUES (11)"),
    ]
    assert words.told(events, "`oracle_journal` VALUES (1)") == 41
    assert words.told(events, "/* oracle 7f */") == 42
    assert words.told(events, "`oracle_journal` VALUES (11)") == 43
    assert words.told(events, "`oracle_journal` VALUES (2)") is None
