"""Files that ship with the product: schemas, code lists, templates; in a checkout and in an installed wheel alike."""

from pathlib import Path

from suoi.errors import Bug

_HERE = Path(__file__).resolve().parent
_ROOTS = (_HERE / "_data", _HERE.parent)


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder, such as `resource("schemas", "avro", "dead_letter.avsc")`."""
    for root in _ROOTS:
        if (path := root.joinpath(*parts)).exists():
            return path
    raise Bug(f"resource {'/'.join(parts)!r} is not part of this installation")
