"""A null stays a null, though its column has a default: through the snapshot and through the stream."""

from collections.abc import Callable

import pytest
from builders.operator import Operator
from builders.stack import Agency, Stack, soon

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

DDL = """
CREATE TABLE public.t (
  id int PRIMARY KEY, ten text DEFAULT 'mặc định', so numeric(10,2) DEFAULT 1.5, ngay date DEFAULT '2025-07-01',
  luc timestamptz DEFAULT now(), dung boolean DEFAULT true, bo text[] DEFAULT '{a,b}', phai int NOT NULL DEFAULT 7);
INSERT INTO public.t VALUES (1, NULL, NULL, NULL, NULL, NULL, NULL, 0);
INSERT INTO public.t (id) VALUES (2);
"""
COLUMNS = "id, ten, so, ngay, luc, dung, bo, phai"


def test_a_null_in_a_column_with_a_default_stays_a_null(
    stack: Stack, agency: Callable[[str, str, str], Agency]
) -> None:
    here = agency("rong", DDL, "public.t: {as: t}")
    here.add()
    with here.connection() as connection:
        connection.execute("INSERT INTO public.t VALUES (3, NULL, NULL, NULL, NULL, NULL, NULL, 1)")
        connection.execute("UPDATE public.t SET ten = NULL, so = NULL WHERE id = 2")

    operator, all_of_it = Operator(stack.home), "SELECT count() FROM rong.t_current WHERE id <> 2 OR ten IS NULL"
    soon(lambda: operator.finds(all_of_it) == 3, "the loaded row and the last two changes")
    rows = stack.ask(f"SELECT {COLUMNS} FROM rong.t_current WHERE id IN (1, 3) ORDER BY id")
    assert rows == [(1, *[None] * 6, 0), (3, *[None] * 6, 1)]
    ((_, ten, so, ngay, luc, dung, _bo, phai),) = stack.ask(f"SELECT {COLUMNS} FROM rong.t_current WHERE id = 2")
    assert (ten, so, str(ngay), luc is None, bool(dung), phai) == (None, None, "2025-07-01", False, True, 7)
