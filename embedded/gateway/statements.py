"""Reading a statement just far enough: its kind, where an INSERT's data comes from, which engine it asks for."""

import re
from dataclasses import dataclass
from itertools import dropwhile, islice, pairwise

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.sql import Token, tokens

ENGINES = frozenset(
    [f"{kind}MergeTree" for kind in ("", "Replacing", "Summing", "Aggregating", "Collapsing", "Coalescing")]
    + ["VersionedCollapsingMergeTree", "Memory", "Null", "Log", "TinyLog", "StripeLog", "Set", "Join", "Buffer"]
    + ["Merge", "Dictionary", "GenerateRandom", "Atomic"]
)
"""Table and database engines that live in the data folder alone. Others reach out to services, and some (Kafka) leave
metadata behind when they fail, with which the folder can never be opened again."""

_FORMAT = re.compile(r"\bFORMAT\s+\w+", re.I)
_TOTALS = re.compile(r"\bWITH\s+TOTALS\b", re.I)
_FILES = re.compile(r"\b(?:OUTFILE|INFILE|(?:file|fileCluster|executable|sqlite|python)\s*\()", re.I)
_FILE_FUNCTIONS = frozenset(["FILE", "FILECLUSTER", "EXECUTABLE", "SQLITE", "PYTHON"])


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT to be fed from outside: by blocks of the client, or by `inline`, data of another format in the text."""

    table: str
    columns: str
    settings: str
    format: str
    inline: str


def is_select(sql: str) -> bool:
    """Whether the engine can stream the statement's result."""
    return first_word(sql) in {"SELECT", "WITH", "FROM", "VALUES"}


def bare(sql: str) -> str:
    """One statement without its closing semicolon. Raises ClickHouseError when there are several."""
    if ";" not in sql:
        return sql
    ends = [token.start for token in tokens(sql) if token.text == ";"]
    if not ends:
        return sql
    if any(token.text != ";" for token in tokens(sql[ends[0] :])):
        raise ClickHouseError(Code.SYNTAX_ERROR, "DB::Exception: Syntax error: one statement at a time, not several")
    return sql[: ends[0]]


def has_totals(sql: str) -> bool:
    """Whether a SELECT asks for a row of totals beside its result."""
    if not _TOTALS.search(sql):
        return False
    words = [token.word for token in tokens(sql) if token.depth == 0]
    return ("WITH", "TOTALS") in pairwise(words)


def split_format(sql: str) -> tuple[str, str]:
    """A statement without the FORMAT at its end, which would override the one we ask the engine for; and its name."""
    if not _FORMAT.search(sql) or first_word(sql) in {"INSERT", "CREATE"}:
        return sql, ""
    words: list[Token | None] = [token for token in tokens(sql) if token.depth == 0]
    for keyword, name, after in zip(words[-2::-1], words[::-1], [None, *words[::-1]], strict=False):
        if keyword and name and keyword.word == "FORMAT" and (after is None or after.word == "SETTINGS"):
            return sql[: keyword.start] + sql[name.end :], name.text
    return sql, ""


def check(sql: str) -> None:
    """Raise ClickHouseError if `sql` would reach beyond the data folder."""
    check_engine(sql)
    check_files(sql)
    check_system(sql)


def check_system(sql: str) -> None:
    """Raise ClickHouseError if `sql` would end the server: the engine does so by a signal to all our processes."""
    words = [token.word for token in islice(tokens(sql), 2)]
    if words and words[0] == "SYSTEM" and words[-1] in {"SHUTDOWN", "KILL", "SUSPEND"}:
        text = f"DB::Exception: SYSTEM {words[-1]} is not supported by the embedded warehouse: its supervisor stops it"
        raise ClickHouseError(Code.SUPPORT_IS_DISABLED, text)


def check_files(sql: str) -> None:
    """Raise ClickHouseError if `sql` reads or writes files, or runs programs, of the machine."""
    if not _FILES.search(sql):
        return
    words = list(tokens(sql))
    for before, word in zip([Token("", 0, 0, 0), *words], words, strict=False):
        clause = word.word in {"OUTFILE", "INFILE"} and before.word in {"INTO", "FROM"}
        if clause or (word.text == "(" and before.word in _FILE_FUNCTIONS):
            name = f"{before.text} {word.text}" if clause else before.text
            text = f"DB::Exception: {name} is not allowed: the embedded warehouse reaches no files of its machine"
            raise ClickHouseError(Code.DATABASE_ACCESS_DENIED, text)


def check_engine(sql: str) -> None:
    """Raise ClickHouseError if `sql` creates something with an engine that is not one of ENGINES."""
    if first_word(sql) not in {"CREATE", "ATTACH", "REPLACE"}:
        return
    declaration = _declaration(sql)
    engine = _engine(declaration) or _function(declaration)
    if engine and engine not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        text = f"DB::Exception: Engine {engine} is not supported by the embedded warehouse, use one of: {known}"
        raise ClickHouseError(Code.SUPPORT_IS_DISABLED, text)


def parse_insert(sql: str) -> Insert | None:
    """The INSERT in `sql` if it must be fed; None for what the engine runs as it is, also SELECT and VALUES in it."""
    if first_word(sql) != "INSERT":
        return None
    head: list[Token] = []
    for token in tokens(sql):
        if token.depth == 0 and token.word in {"SELECT", "WITH", "WATCH"}:
            return None
        if token.depth == 0 and token.word in {"VALUES", "FORMAT", "FROM"}:
            return _insert(sql, head, token) if token.word != "FROM" else None
        head.append(token)
    return None


def first_word(sql: str) -> str:
    """What kind of statement it is, in capitals."""
    return next((token.word for token in tokens(sql) if token.text != "("), "")


def _declaration(sql: str) -> list[Token]:
    """The tokens outside brackets, up to the query of a view or of CREATE ... AS SELECT."""
    head: list[Token] = []
    for token in tokens(sql):
        if token.word in {"SELECT", "WITH"} and head and head[-1].word in {"AS", "("}:
            break
        if token.depth == 0:
            head.append(token)
    return head


def _engine(declaration: list[Token]) -> str | None:
    words = [token for token in declaration if token.text != "="]
    for before, keyword, engine in zip(words, words[1:], words[2:], strict=False):
        named = before.word in {"TABLE", "VIEW", "DATABASE", "EXISTS", "."}
        if keyword.word == "ENGINE" and not named and engine.text not in {"(", "."}:
            return engine.text.strip('`"')
    return None


def _function(declaration: list[Token]) -> str | None:
    """The table function in CREATE TABLE ... AS f(...), which decides the engine."""
    for keyword, name, bracket in zip(declaration, declaration[1:], declaration[2:], strict=False):
        if keyword.word == "AS" and bracket.text == "(" and name.text.isidentifier():
            return name.text
    return None


def _insert(sql: str, head: list[Token], keyword: Token) -> Insert | None:
    words = [token for token in head[1:] if token.depth == 0]
    words = list(dropwhile(lambda token: token.word in {"INTO", "TABLE"}, words))
    if not words or words[0].word == "FUNCTION":
        raise ClickHouseError(Code.NOT_IMPLEMENTED, "DB::Exception: INSERT takes data for a table only")
    format_name, inline = _data(sql, keyword)
    if keyword.word == "VALUES" and inline:
        return None
    after = next((t.start for t in words if t.text == "(" or t.word == "SETTINGS"), keyword.start)
    settings = next((t.start for t in words if t.word == "SETTINGS"), keyword.start)
    table = sql[words[0].start : after].strip()
    return Insert(table, _columns(sql, words), sql[settings : keyword.start].strip(), format_name, inline)


def _columns(sql: str, words: list[Token]) -> str:
    brackets = [token for token in words if token.text in {"(", ")"}]
    return sql[brackets[0].end : brackets[1].start].strip() if len(brackets) > 1 else ""


def _data(sql: str, keyword: Token) -> tuple[str, str]:
    """Format and the data that follow the keyword."""
    if keyword.word == "VALUES":
        return "Values", sql[keyword.end :].strip().rstrip(";").rstrip()
    name = next(tokens(sql[keyword.end :]), Token("Native", 0, 0, 0))
    return name.text, sql[keyword.end + name.end :].lstrip(" ;").removeprefix("\n")
