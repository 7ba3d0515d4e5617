"""A home whose identity worker has run: a store on disk, written by the engine."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from builders.persons import person

from streams.identity.engine import Engine
from streams.identity.model import Model
from streams.identity.store import RocksState, open_store, store_path
from streams.identity.survive import Authority
from suoi.person import PersonRecord

NUMBER, INSURED = "052085000123", "4520517389"
CARD = f"HC452{INSURED}"
CHILD, CLINIC, DESK = 'hotich.khai_sinh|["1"]|child', 'yte.benh_nhan|["7"]|patient', 'motcua.ho_so|["3"]|applicant'
BEARER, STRANGER = f'bhxh.the|["{CARD}"]|bearer', 'thue.nguoi_nop|["9"]|payer'
ROWS = (
    person(CHILD, "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}, home="21550"),
    person(CLINIC, "Nguyen Van Hung", "1985", "male", {"personal": NUMBER}, ["0912345678"]),
    person(DESK, "Nguyễn Văn Hùng", "1985-03-12", "male", None, ["0912345678"], home="21550"),
    replace(person(BEARER, "Nguyễn Văn Hùng", "1985-03-12", "male", {"insurance": INSURED}), raw=(("paper", CARD),)),
    person(STRANGER, "Trần Thị Mai", "1999-11-30", "female", {"personal": NUMBER}),
)


def a_store(
    home: Path, rows: Iterable[PersonRecord] = ROWS, *, whole: bool = True, authority: Authority | None = None
) -> Mapping[str, str]:
    """Row → golden id of the persons that `rows` are of, written below `home` by a worker that believes `authority`."""
    store = open_store(store_path(home))
    state = RocksState(store, Model.default("vietnam"), sync=False)
    engine = Engine(Model.default("vietnam"), state)
    for record in rows:
        engine.put(record.rid, 1, record)
        engine.flush()
    members = {record.rid: state.members[record.rid] for record in rows}
    state.authority = authority or {}
    state.commit({}, whole)
    store.close()
    return members
