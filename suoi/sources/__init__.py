"""The source file: one file adds an agency. Models, reading with mistakes by line, and everything rendered from it."""

from suoi.sources.fields import Term
from suoi.sources.mistakes import BadSource
from suoi.sources.model import (
    CodeBinding,
    Database,
    Harm,
    Owner,
    Person,
    Pii,
    Source,
    Table,
)
from suoi.sources.read import CheckBinding, by, load_source, load_sources, read_folder

__all__ = [
    "BadSource",
    "CheckBinding",
    "CodeBinding",
    "Database",
    "Harm",
    "Owner",
    "Person",
    "Pii",
    "Source",
    "Table",
    "Term",
    "by",
    "load_source",
    "load_sources",
    "read_folder",
]
