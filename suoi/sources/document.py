"""A YAML file as a tree of text with a line for every place; whatever is in the file, the answer is a tree or mistakes.

Scalars are never guessed to be something else than text (`no`, `on`, `01`, `1:30` stay what was typed; an empty scalar,
`~` and `null` are None): the field of the model decides what it reads. Anchors, tags and second documents are refused.
"""

from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

import yaml

Where = tuple[str | int, ...]
"""Keys and positions from the root of the file to a place in it."""
Tree = dict[str, "Tree"] | list["Tree"] | str | None

LARGEST = 1024 * 1024
DEEPEST = 20

_YAML = "tag:yaml.org,2002:"
_PLAIN = frozenset(
    _YAML + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)


class Mistake(NamedTuple):
    """One thing that is wrong, at one line."""

    line: int
    where: Where
    problem: str


@dataclass(slots=True)
class Document:
    """What a file says and where it says it."""

    path: Path
    tree: Tree = None
    lines: dict[Where, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, where: Where) -> int:
        """The line of `where`, or of the nearest place around it that is in the file."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def blame(self, where: Where, problem: str) -> None:
        """Note a mistake at `where`."""
        self.mistakes.append(Mistake(self.line(where), where, problem))


def read_document(path: Path) -> Document:
    """Read the YAML file at `path`; never raises for its content."""
    document = Document(path)
    text = _text(document)
    root = _compose(document, text) if text is not None else None
    if root is not None:
        document.tree = _Reader(document).read(root, ())
    elif not document.mistakes:
        document.blame((), "the file is empty; valid: the description of a source")
    return document


def _text(document: Document) -> str | None:
    try:
        found = document.path.stat()
        if S_ISREG(found.st_mode) and found.st_size > LARGEST:
            document.blame((), f"the file has {found.st_size} bytes; valid: at most {LARGEST}")
        elif S_ISREG(found.st_mode) or S_ISDIR(found.st_mode):  # to read a directory is refused in words of its own
            return document.path.read_bytes().decode("utf-8-sig")
        else:
            document.blame((), "is a pipe or a device, which can be read once only; valid: a readable file")
    except OSError as exc:
        document.blame((), f"cannot be read: {exc.strerror}; valid: a readable file")
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        document.mistakes.append(
            Mistake(line, (), f"byte {exc.object[exc.start]:#04x} is not UTF-8; valid: UTF-8 text")
        )
    return None


def _compose(document: Document, text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        return root
    except yaml.MarkedYAMLError as exc:
        at_end = "end of stream" in str(exc.problem)  # what is open began somewhere, and that line helps
        mark = (exc.context_mark if at_end else exc.problem_mark) or exc.problem_mark
        document.mistakes.append(Mistake(mark.line + 1 if mark else 1, (), f"not YAML: {exc.problem}; valid: YAML 1.2"))
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        document.mistakes.append(
            Mistake(line, (), f"character {exc.character!r} is not allowed; valid: printable text")
        )
    except RecursionError:
        document.blame((), f"nested too deeply; valid: at most {DEEPEST} levels")
    except (ValueError, OverflowError, yaml.YAMLError) as exc:
        document.blame((), f"not YAML: {exc}; valid: YAML 1.2")
    return None


class _Reader:
    """Walks composed nodes once, noting lines and mistakes in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, where: Where) -> Tree:
        """The tree under `node`; what cannot be read is None and a mistake."""
        self._document.lines.setdefault(where, node.start_mark.line + 1)
        if problem := self._refusal(node, where):
            self._document.blame(where, problem)
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*where, index)) for index, item in enumerate(node.value)]
        return None if node.tag == _YAML + "null" else str(node.value)

    def _refusal(self, node: yaml.Node, where: Where) -> str:
        if id(node) in self._seen:
            return "anchors are not read; valid: the value written out again"
        if node.tag not in _PLAIN:
            return f"tag {node.tag!r} is not read; valid: no tag"
        return f"nested too deeply; valid: at most {DEEPEST} levels" if len(where) > DEEPEST else ""

    def _mapping(self, node: yaml.MappingNode, where: Where) -> Tree:
        tree: dict[str, Tree] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value if isinstance(key, yaml.ScalarNode) and key.value else None
            if name is None or name in tree:
                problem = "a key is not a text; valid: one word" if name is None else "given twice; valid: once"
                self._document.mistakes.append(Mistake(line, (*where, name) if name else where, problem))
                continue
            self._document.lines[*where, name] = line
            tree[name] = self.read(value, (*where, name))
        return tree
