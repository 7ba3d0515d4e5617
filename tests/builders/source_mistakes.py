"""What can be wrong with a source file, and what is said of it: per field, per free key, per file as a whole."""

from collections.abc import Mapping

from builders.whole_source import whole
from pydantic import BaseModel

from suoi.sources import CodeBinding, Database, Harm, Owner, Person, Pii, Source, Table
from suoi.sources.document import LARGEST
from suoi.sources.model import FIELDS

Wrong = tuple[tuple[object, str], ...]
NOT_TEXT = (("", "'' is not a text"), (["a"], "\"['a']\" is not a text"), ("a\nb", "holds a control character"))
NO_MAPPING = (("a", "'a' is not a mapping"), (["a"], "\"['a']\" is not a mapping"), (None, "nothing is not a mapping"))
NO_NUMBER = tuple((bad, f"{bad!r} is not a whole number in range") for bad in ("0", "-5", "1.5", "1e3", "năm", ""))
NO_COLUMN: Wrong = (
    ([], "'[]' names no column"),
    ({"a": "b"}, "names no column"),
    (["a", "a"], "names a column twice"),
    (["a", ""], "'' is not a text"),
)
NO_TERM = (
    *NO_COLUMN[:1],
    *NO_COLUMN[2:],
    ({"konst": "a"}, "'konst' is not how a value is given"),
    ({"const": ""}, "'' is not a text"),
    ({"column": "a", "split": "và"}, "'và' cannot separate values"),
    ({"column": "", "split": ";"}, "'' is not a text"),
)
WRONG: Mapping[tuple[type[BaseModel], str], Wrong] = {
    (Source, "agency"): (
        ("Hotich", "'Hotich' is not a name"),
        ("a" * 59, "is not a name"),
        ("identity", "'identity' is reserved"),
        (["a"], "is not a name"),
    ),
    (Source, "title"): NOT_TEXT,
    (Source, "owner"): NO_MAPPING,
    (Source, "database"): NO_MAPPING,
    (Source, "profile"): (("france", "'france' is no profile; valid: general vietnam"), (["a"], "is no profile")),
    (Source, "freshness"): tuple((bad, f"{bad!r} cannot be read") for bad in ("soon", "0s", "60", "1 week", "-1s", "")),
    (Source, "harm"): NO_MAPPING,
    (Source, "authority"): NO_MAPPING,
    (Source, "tables"): (*NO_MAPPING, ({}, "names no table")),
    (Owner, "name"): NOT_TEXT,
    (Owner, "contact"): NOT_TEXT,
    (Database, "kind"): (
        ("postgres", "'postgres' is not known, nearest is postgresql; valid: postgresql mariadb"),
        ("oracle", "'oracle' is not known; valid: postgresql mariadb"),
        ([], "'[]' is not known"),
        ({}, "'a mapping' is not known"),
    ),
    (Database, "host"): (
        *(
            (bad, f"{bad!r} is not a host")
            for bad in ("", "a b", "db:5432", "http://db", "db/x?ssl=off", "$HOST", "/s")
        ),
        (["db"], "is not a host"),
        ("${HOTICH_HOSt}", "'${HOTICH_HOSt}' is not set, nearest is HOTICH_HOST"),
        ("${}", "'${}' is not set"),
        ("${HOTICH_HOST", "'${HOTICH_HOST' has no end; valid: ${NAME}"),
        ("${EMPTY}", "'' is not a host"),
        ("${TWO_LINES}", "'a\\nb' is not a host"),
    ),
    (Database, "port"): (*NO_NUMBER, ("65536", "valid: 1 to 65535"), ("${TWO_LINES}", "'a\\nb' is not a whole number")),
    (Database, "name"): NOT_TEXT,
    (Database, "user"): NOT_TEXT,
    (Database, "password_file"): tuple(
        (bad, "is not the name of a secret") for bad in ("", "../a", "/etc/passwd", "a b", ".a", ["a"])
    ),
    (Harm, "max_log_bytes"): tuple((bad, f"{bad!r} cannot be read") for bad in ("20", "20Gb", "0GB", "1.5GB", "")),
    (Harm, "snapshot_rows_per_second"): (*NO_NUMBER, ("10000001", "valid: 1 to 10000000")),
    (Table, "as"): (
        ("Khai Sinh", "'Khai Sinh' is not a name"),
        ("1a", "is not a name"),
        ("khai_tu", "'khai_tu' is taken by tables.public.khai_sinh"),
        ("khai_tu_at", "'khai_tu_at' is taken by tables.public.khai_sinh"),
    ),
    (Table, "title"): NOT_TEXT,
    (Table, "codes"): NO_MAPPING,
    (Table, "persons"): NO_MAPPING,
    (Table, "pii"): NO_MAPPING,
    (Table, "required"): NO_COLUMN,
    (CodeBinding, "list"): (*NOT_TEXT, ("units", "'units' is no list; valid: admin_unit ")),
    (CodeBinding, "level"): (*NOT_TEXT, ("ward", "'ward' is not known for list admin_unit; valid: province district")),
    (CodeBinding, "coding"): (
        *NOT_TEXT,
        ("hr", "'hr' is not known for list ethnicity; valid: hr_2008 statistics_1979 text"),
    ),
    (CodeBinding, "on"): NOT_TEXT,
    (CodeBinding, "recoded"): tuple(
        (bad, f"{bad!r} is neither a date nor never")
        for bad in ("soon", "2025-13-01", "01/07/2025", "2025", "20250701")
    ),
    (CodeBinding, "text"): NOT_TEXT,
    (CodeBinding, "district"): NOT_TEXT,
    **{(Person, field): NO_TERM[:2] for field in FIELDS},  # one reader reads them all
    (Person, "full_name"): NO_TERM,
    **{(Pii, kind): NO_COLUMN for kind in Pii.model_fields},
}
"""Field → values that are wrong, and what is said of them."""
NO_NAME = (("Child", "'Child' is not a name"), ("a b", "'a b' is not a name"), ("", "a key is not a text"))
WRONG_KEYS: Mapping[tuple[type[BaseModel], str], tuple[tuple[str, str], ...]] = {
    (Source, "authority"): (("fullname", "'fullname' is not known, nearest is full_name"), ("", "a key is not a text")),
    (Source, "tables"): (
        ("khai_sinh", "'khai_sinh' is not a table; valid: <schema>.<table>"),
        ("public.", "'public.' is not a table"),
        ("suoi_cdc.heartbeat", "belongs to Suối itself"),
        ("public.khai.tu", "'hotich.public.khai.tu' is taken by"),
        ("", "a key is not a text"),
    ),
    (Table, "codes"): (("", "a key is not a text"), ("a\nb", "holds a control character"), (" ", "is not a text")),
    (Table, "persons"): NO_NAME,
}
"""Mapping with free keys → keys that are wrong."""
SECOND: Mapping[tuple[type[BaseModel], str], tuple[str, object, str]] = {
    (Source, "authority"): ("full_name", "101", "'101' is not a whole number in range; valid: 0 to 100"),
    (Source, "tables"): ("public.khai_tu", "khai_tu", "'khai_tu' is not a mapping; valid: as title codes persons"),
    (Table, "codes"): ("ma_xa", "admin_unit", "'admin_unit' is not a mapping; valid: list level"),
    (Table, "persons"): ("child", "ho_ten", "'ho_ten' is not a mapping; valid: full_name"),
}
"""The same → a key, a value that is wrong for it, and what is said of that."""
UNFIT = (
    ({"list": "ethnicity"}, "coding", "is missing for list ethnicity; valid: hr_2008 statistics_1979 text"),
    ({"list": "ethnicity", "coding": "text", "level": "commune"}, "level", "belongs to admin_unit, list ethnicity has"),
    (
        {"list": "gender", "coding": "text", "recoded": "never"},
        "recoded",
        "belongs to admin_unit, list gender has none",
    ),
    ({"list": "admin_unit", "recoded": "never"}, "", "level is missing for administrative units; valid: level: prov"),
    ({"list": "admin_unit", "level": "commune"}, "", "recoded is missing for administrative units; valid: recoded: <"),
    (
        {"list": "admin_unit", "level": "commune", "recoded": "never", "coding": "text"},
        "coding",
        "'text' has no meaning for list admin_unit, whose versions are dated; valid: no coding, but recoded",
    ),
)
"""Bindings whose fields are right one by one and do not go together; the field that is blamed, and how."""
SAMPLES: Mapping[str, object] = {
    "authority": "90",
    "tables": {"as": "khac"},
    "codes": {"list": "ethnicity", "coding": "text"},
    "persons": {"full_name": "ho_ten"},
}
"""What a mapping with free keys may hold."""
FILES: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "1: source: the file is empty"),
    "only a comment": (b"# nothing\n", "1: source: the file is empty"),
    "only null": (b"~\n", "1: source: nothing is not a mapping; valid: agency title owner"),
    "a word": (b"hotich\n", "1: source: 'hotich' is not a mapping"),
    "a list": (b"- a\n", "1: source: \"['a']\" is not a mapping"),
    "two documents": (whole()[1].encode() + b"---\na: 1\n", ": source: not YAML: but found another document"),
    "a tab": (b"agency: hotich\nowner:\n\tname: a\n", "3: source: not YAML: found character '\\t'"),
    "not UTF-8": ("title: a\nagency: h\u1ed9".encode("utf-16"), "1: source: byte 0xff is not UTF-8"),
    "letters of one byte": ("agency: a\ntitle: Tư pháp".encode("cp1258"), "2: source: byte 0xfd is not UTF-8"),
    "a zero byte": (b"agency: a\n\0", "2: source: character 0 is not allowed"),
    "open quotes": (b"agency: a\ntitle: 'a\n", "2: source: not YAML: found unexpected end of stream"),
    "open braces": (b"agency: a\nowner: {name: a\n", ": source: not YAML: expected ',' or '}'"),
    "no blank after the colon": (b"agency:hotich\ntitle: a\n", "2: source: not YAML: mapping values are not allowed"),
    "an unknown anchor": (b"agency: *a\n", "1: source: not YAML: found undefined alias 'a'"),
    "an anchor": (b"a: &a [*a]\n", "1: a.0: anchors are not read"),
    "a tag": (b"agency: !!python/object:os.system a\n", "1: agency: tag 'tag:yaml.org,2002:python/object:os.system'"),
    "too deep": (b"[" * 5000, "1: source: nested too deeply"),
    "too large": (b"#" * (LARGEST + 1), f"1: source: the file has {LARGEST + 1} bytes; valid: at most {LARGEST}"),
}
