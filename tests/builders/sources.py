"""A small source, and code lists that answer one thing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from builders.debezium import KEY_ID, VALUE_ID, envelope_schema, key_schema
from builders.rows_of_persons import code_lists

from suoi.codelists.lists import Lists
from suoi.errors import Poison, Reason
from suoi.ids import Topic
from suoi.sources import Source


@dataclass(frozen=True)
class Answer:
    """A resolution."""

    status: str = "ok"
    unit: str | None = "kinh"
    version: str | None = "1979-03-02"
    candidates: tuple[str, ...] = ("kinh",)


class FakeLists:
    """Answers `ok` for 01, `unmapped` for everything else, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, date | None]] = []

    @property
    def lists(self) -> Lists:
        return code_lists()

    def of_column(self, list: str, place: str) -> "FakeLists":
        return self

    def resolve(self, list: str, raw: Any, *, on: date | None = None, **rest: Any) -> Answer:
        self.asked.append((raw, on))
        return Answer() if raw == "01" else Answer("unmapped", None, None, ())


class FakeRegistry:
    """Knows two schemas and takes every other one."""

    def __init__(self) -> None:
        self.known = {VALUE_ID: envelope_schema(), KEY_ID: key_schema()}
        self.registered: dict[str, str] = {}

    def schema(self, schema_id: int) -> str:
        if schema_id not in self.known:
            raise Poison(f"schema id {schema_id} is unknown", reason=Reason.UNKNOWN_SCHEMA)
        return self.known[schema_id]

    def register(self, subject: str, schema: str) -> int:
        self.registered[subject] = schema
        return 99

    def newest(self, subject: str) -> str | None:
        return self.known.get(KEY_ID)


RAW = Topic("hotich.public.khai_sinh")
CONFORMED = Topic("suoi.hotich.khai_sinh")


def a_source_file(**table: Any) -> Source:
    """The source `hotich` with one table; `table` overrides its entries."""
    codes = {"ma_dan_toc": {"list": "ethnicity", "coding": "statistics_1979", "on": "ngay_dang_ky"}}
    database = {
        "kind": "postgresql",
        "host": "db",
        "port": "5432",
        "name": "hotich",
        "user": "suoi_cdc",
        "password_file": "hotich.password",
    }
    return Source.model_validate(
        {
            "agency": "hotich",
            "title": "Hộ tịch",
            "owner": {"name": "Sở Tư pháp", "contact": "0256"},
            "database": database,
            "tables": {"public.khai_sinh": {"as": "khai_sinh", "codes": codes, **table}},
        }
    )
