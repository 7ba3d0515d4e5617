"""The surface of SQL: tokens outside comments, lists, and quoting."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"--[^\n]*|\#[ !][^\n]*|/\*.*?\*/"  # comments
    r"|'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|\"(?:[^\"\\]|\\.|\"\")*\"|\$(\w*)\$.*?\$\1\$"  # literals, names
    r"|\w+|\S",
    re.S,
)
_ESCAPES = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a statement outside comments: where it stands and how many brackets are around it."""

    text: str
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        """For comparison with keywords."""
        return self.text.upper()


def tokens(sql: str) -> Iterator[Token]:
    """The tokens of `sql`, read only as far as asked."""
    depth = 0
    for found in _TOKEN.finditer(sql):
        piece = found[0]
        if piece.startswith(("--", "/*", "# ", "#!")):
            continue
        depth -= piece == ")"
        yield Token(piece, found.start(), found.end(), depth)
        depth += piece == "("


def split_list(text: str) -> list[str]:
    """The parts of a list, split at the commas outside brackets and quotes."""
    cuts = [token.start for token in tokens(text) if token.text == "," and token.depth == 0]
    return [text[a:b].strip() for a, b in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(text)], strict=True)]


def quote(value: str) -> str:
    """`value` as an SQL literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(name: str) -> str:
    """`name` as an SQL identifier."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def unquote(literal: str) -> str:
    """The content of a quoted literal or identifier; anything without quotes as it is."""
    if literal[:1] not in {"'", "`", '"'}:
        return literal
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), literal[1:-1], flags=re.S)
