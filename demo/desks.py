"""Who works where: the clerk of each agency, and how much of the province's life happens there."""

from collections.abc import Callable, Mapping

from demo import bhxh_events, cbcc_events, giaoduc_events, motcua_events, yte_events
from demo.clerk import Clerk, Customs, Worker
from demo.events import Registrar
from demo.store import PostgreSQL, Store
from suoi.errors import UserError

SHARES: Mapping[str, float] = {
    "yte": 42.0,
    "motcua": 18.0,
    "hotich": 20.0,
    "bhxh": 9.0,
    "giaoduc": 7.0,
    "cbcc": 4.0,
}
"""Share of all transactions. Hospitals have 260 of the 360 million changes of a real year and civil status 0.4: the
demonstration brings the quiet ones nearer, so that each is seen to live."""

_CUSTOMS: Mapping[str, Customs] = {
    "yte": yte_events.CUSTOMS,
    "motcua": motcua_events.CUSTOMS,
    "bhxh": bhxh_events.CUSTOMS,
    "giaoduc": giaoduc_events.CUSTOMS,
    "cbcc": cbcc_events.CUSTOMS,
}


def sit_down_at(agency: str, store: Store, seed: int) -> Worker:
    """The clerk of `agency` at its database. Raises UserError when no province is loaded there."""
    if agency in _CUSTOMS:
        return Clerk(agency, _CUSTOMS[agency], store, seed)
    if not isinstance(store, PostgreSQL):
        raise UserError(f"agency {agency!r} lives on postgresql only, not on {store.kind!r}")
    return Registrar(store, seed)


Connect = Callable[[], Store]
