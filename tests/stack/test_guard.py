"""The guard on the real services: single tables rest and are read again, changes without events are noticed, histories
end and begin, and a source is let go before it is harmed. Every test ends with source and warehouse equal."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from builders.operator import Operator
from builders.stack import Agency, Stack, a_server, soon

from ops import check, files
from ops.demonstration import open_for_capture
from suoi.connect import Connect
from suoi.control import Capture, Control, ControlTopic, Why
from suoi.ids import AgencyId
from suoi.position import FIRST_EPOCH
from suoi.sources.render import connector_name, slot_name

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

DDL = """
CREATE TABLE nguoi (id int PRIMARY KEY, ten text);
CREATE TABLE nha (id int PRIMARY KEY, ten text);
INSERT INTO nguoi SELECT g, 'người ' || g FROM generate_series(1, 300) g;
INSERT INTO nha SELECT g, 'nhà ' || g FROM generate_series(1, 300) g;
"""
TABLES = """
public.nguoi: {as: nguoi}
public.nha: {as: nha}
"""
Make = Callable[[str, str, str], Agency]


def decided(stack: Stack) -> Control:
    with closing(ControlTopic(stack.settings)) as control:
        control.refresh()
        return control.state


def states(operator: Operator, name: str) -> dict[str, str]:
    return {
        row["table"].partition(".")[2]: row["state"] for row in operator.types("table", "list", name, "--json").json()
    }


def captured(make: Make, operator: Operator, name: str, harm: str = "") -> Agency:
    """A new agency whose tables are live."""
    here = make(name, DDL, TABLES)
    if harm:
        here.file.write_text(f"{here.file.read_text(encoding='utf-8')}harm: {harm}\n", encoding="utf-8")
    here.add()
    operator.waits_live(name)
    return here


@contextmanager
def uncaptured(connection: psycopg.Connection, agency: str, table: str) -> Iterator[None]:
    """What happens to `table` inside the block leaves no event."""
    connection.execute(f'ALTER PUBLICATION "{slot_name(AgencyId(agency))}" DROP TABLE {table}'.encode())
    try:
        yield
    finally:
        connection.execute(f'ALTER PUBLICATION "{slot_name(AgencyId(agency))}" ADD TABLE {table}'.encode())


def halted(stack: Stack, agency: Agency, says: str) -> Capture:
    def capture() -> Capture | None:
        found = decided(stack).capture(agency.source.agency)
        return found if found and found.halted and says in found.reason else None

    return soon(capture, f"capture is halted: {says}", 180)


def test_a_table_rests_while_its_sibling_goes_on(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "mot_bang")
    operator.does("table", "pause", "mot_bang.nguoi", "--why", "kiểm tra")
    soon(lambda: states(operator, "mot_bang")["nguoi"] == "paused", "nguoi rests")
    with here.connection() as source:
        source.execute("INSERT INTO nguoi VALUES (1000, 'đợi'); INSERT INTO nha VALUES (1000, 'đi')")
    soon(lambda: operator.finds("SELECT count() FROM mot_bang.nha_current WHERE id = 1000"), "nha goes on")
    assert operator.ask("SELECT count() FROM mot_bang.nguoi_current WHERE id = 1000") == [(0,)]
    operator.does("table", "resume", "mot_bang.nguoi")
    soon(lambda: operator.finds("SELECT count() FROM mot_bang.nguoi_current WHERE id = 1000"), "nguoi goes on")
    operator.waits_live("mot_bang")
    operator.verify("mot_bang")


def test_a_new_column_with_a_default_is_read_again_without_any_event(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "them_cot")
    with here.connection() as source:
        source.execute("ALTER TABLE nguoi ADD COLUMN quoc_tich text DEFAULT 'Việt Nam'")
    query = "SELECT countIf(quoc_tich = 'Việt Nam') FROM them_cot.nguoi_current"
    soon(lambda: operator.finds(query) == 300, "every row has the default", 300)
    operator.waits_live("them_cot")
    operator.verify("them_cot")
    with here.connection() as source:
        source.execute("ALTER TABLE nguoi DROP COLUMN quoc_tich")
    soon(lambda: "quoc_tich" not in " ".join(shape_of(stack, here)), "the shape without the column is noted")
    operator.waits_live("them_cot")


def shape_of(stack: Stack, agency: Agency) -> tuple[str, ...]:
    shape = decided(stack).shape(agency.source.agency, agency.source.tables["public.nguoi"].name)
    return shape.columns if shape else ()


def test_a_row_that_is_gone_without_an_event_goes_with_a_resnapshot(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "bong_ma")
    with here.connection() as source, uncaptured(source, "bong_ma", "nguoi"):
        source.execute("DELETE FROM nguoi WHERE id IN (7, 8)")
    operator.does("table", "resnapshot", "bong_ma.nguoi")
    soon(lambda: operator.finds("SELECT count() FROM bong_ma.nguoi_current") == 298, "two rows are gone", 300)
    operator.waits_live("bong_ma")
    operator.verify("bong_ma")


def test_one_row_is_read_again_by_its_key(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "mot_dong")
    with here.connection() as source, uncaptured(source, "mot_dong", "nguoi"):
        source.execute("UPDATE nguoi SET ten = 'khác' WHERE id = 9; DELETE FROM nguoi WHERE id = 10")
    operator.does("table", "reload", "mot_dong.nguoi", "9", "[10]")
    soon(lambda: operator.finds("SELECT ten FROM mot_dong.nguoi_current WHERE id = 9") == "khác", "the row is right")
    soon(lambda: operator.finds("SELECT count() FROM mot_dong.nguoi_current") == 299, "the other is gone")
    operator.waits_live("mot_dong")
    operator.verify("mot_dong")


def test_a_dropped_slot_is_noticed_and_a_new_epoch_goes_on(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "mat_slot")
    with here.connection() as source:
        soon(lambda: dropped(source, slot_name(AgencyId("mat_slot"))), "the slot is dropped")
        source.execute("DELETE FROM nguoi WHERE id <= 5; INSERT INTO nha VALUES (2000, 'trong lúc mất')")
    assert not halted(stack, here, "somebody dropped it").returns
    soon(lambda: set(states(operator, "mat_slot").values()) == {"stopped"}, "status says so")
    operator.does("source", "new-epoch", "mat_slot", "--why", "slot bị xóa")
    operator.waits_live("mat_slot")
    assert decided(stack).epoch(here.source.agency) == FIRST_EPOCH + 1
    operator.verify("mat_slot")


def dropped(source: psycopg.Connection, slot: str) -> bool:
    source.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s", [slot])
    try:
        source.execute("SELECT pg_drop_replication_slot(%s)", [slot])
    except psycopg.errors.ObjectInUse:
        return False
    return True


def test_a_database_made_anew_is_noticed_before_a_row_is_read(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "tao_lai")
    made_anew(here, stack)
    halted(stack, here, "created anew")
    assert operator.ask("SELECT count() FROM tao_lai.nguoi_current") == [(300,)]
    operator.does("source", "new-epoch", "tao_lai", "--why", "khôi phục")
    operator.waits_live("tao_lai")
    assert operator.ask("SELECT count() FROM tao_lai.nguoi_current") == [(2,)]
    operator.verify("tao_lai")


def made_anew(agency: Agency, stack: Stack) -> None:
    """The same name, another database: two persons instead of three hundred."""
    name = agency.source.agency
    with a_server(stack, agency.source) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        soon(lambda: dropped(server, slot_name(agency.source.agency)), "the slot of the old one is dropped")
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    with agency.connection() as connection:
        connection.execute(DDL.encode())
        connection.execute("DELETE FROM nguoi WHERE id > 2; UPDATE nguoi SET ten = 'mới'")
        open_for_capture(connection, agency.source, stack.home)


def test_past_the_log_bound_a_source_is_let_go_and_taken_up_again(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "qua_nguong", harm="{max_log_bytes: 64MB}")
    connect = operator.process("connect")
    os.kill(connect.pid, signal.SIGSTOP)
    try:
        with here.connection() as source:
            for _ in range(5):
                source.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 16000000))")
                source.execute("DELETE FROM nguoi WHERE id = (SELECT max(id) FROM nguoi)")
            soon(lambda: slots(source, slot_name(AgencyId("qua_nguong"))) == 0, "the slot is given back", 120)
        assert halted(stack, here, "log bound").returns
    finally:
        os.kill(connect.pid, signal.SIGCONT)
    soon(lambda: decided(stack).epoch(here.source.agency) > FIRST_EPOCH, "a new epoch begins by itself", 180)
    operator.waits_live("qua_nguong")
    operator.verify("qua_nguong")


def slots(source: psycopg.Connection, slot: str) -> int:
    row = source.execute("SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s", [slot]).fetchone()
    return int(row[0]) if row else 0


def test_a_connector_that_failed_is_restarted_after_a_look(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "that_bai")
    with here.connection() as source, closing(Connect(stack.settings)) as connect:
        source.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s",
            [slot_name(AgencyId("that_bai"))],
        )
        source.execute("INSERT INTO nguoi VALUES (3000, 'sau khi đứt')")

        def runs() -> bool:
            status = connect.status(connector_name(AgencyId("that_bai")))
            return status is not None and status.running

        soon(lambda: operator.finds("SELECT count() FROM that_bai.nguoi_current WHERE id = 3000"), "the row", 120)
        assert runs()
    operator.verify("that_bai")


def test_a_row_that_came_without_a_value_is_refused_and_read_again(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured(agency, operator, "thieu_gia_tri")
    with here.connection() as source:
        source.execute("ALTER TABLE nguoi ADD COLUMN anh text, ALTER COLUMN anh SET STORAGE EXTERNAL")
        source.execute("UPDATE nguoi SET anh = repeat('x', 10000) WHERE id = 5")
        operator.waits_live("thieu_gia_tri")
        source.execute("ALTER TABLE nguoi REPLICA IDENTITY DEFAULT")
        source.execute("UPDATE nguoi SET ten = 'đổi tên' WHERE id = 5")
    right = "SELECT count() FROM thieu_gia_tri.nguoi_current WHERE id = 5 AND ten = 'đổi tên' AND length(anh) = 10000"
    soon(lambda: operator.finds(right), "the row is whole", 180)
    closed = "SELECT count() = 0 FROM ops.dead_letter_open WHERE agency = 'thieu_gia_tri'"
    soon(lambda: operator.finds(closed), "its dead letter is closed", 180)
    operator.waits_live("thieu_gia_tri")
    operator.verify("thieu_gia_tri")


def test_a_table_joins_an_active_source_with_the_rows_it_has(agency: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = agency("gia_nhap", DDL, "public.nguoi: {as: nguoi}")
    here.add()
    operator.waits_live("gia_nhap")
    here.file.write_text(
        here.file.read_text(encoding="utf-8").rstrip() + "\n  public.nha: {as: nha}\n", encoding="utf-8"
    )
    wider = Agency(stack, files.read_file(here.file, stack.home), here.file)
    with here.connection() as source:
        open_for_capture(source, wider.source, stack.home)
    wider.add()
    operator.waits_live("gia_nhap")
    assert operator.ask("SELECT count() FROM gia_nhap.nha_current") == [(300,)]
    operator.verify("gia_nhap")
    comes_back(operator, here, wider)
    joined = [load.table for load in decided(stack).loads(here.source.agency) if load.why is Why.JOINED]
    assert sorted(joined) == ["nguoi", "nha", "nha"]


def comes_back(operator: Operator, narrow: Agency, wide: Agency) -> None:
    """What changed while the table was not captured has no event: it is loaded, and what is gone is deleted."""
    narrow.file.write_text(narrow.file.read_text(encoding="utf-8").replace("  public.nha: {as: nha}\n", ""), "utf-8")
    narrow.add()
    with narrow.connection() as source:
        source.execute("DELETE FROM nha WHERE id = 1")
        source.execute("UPDATE nha SET ten = 'đổi tên' WHERE id = 2")
        source.execute("INSERT INTO nha SELECT 9001, 'mới'")
    with wide.file.open("a", encoding="utf-8") as file:
        file.write("  public.nha: {as: nha}\n")
    wide.add()
    operator.waits_live("gia_nhap")
    operator.verify("gia_nhap")


def test_a_table_that_cannot_be_read_gives_none_of_its_rows_to_the_next_one(
    agency: Make, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy that fails at the last row; one may come, and the role's setting go, right after a good check."""
    monkeypatch.setattr(check, "check", lambda *_: [])
    operator = Operator(stack.home)
    ddl = DDL + (
        "CREATE TABLE hong (id int PRIMARY KEY, ten text);"
        "INSERT INTO hong SELECT 9800 + g, 'hỏng ' || g FROM generate_series(1, 199) g;"
        "ALTER TABLE hong ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY hong ON hong USING (1 / (id - 9999) IS NOT NULL);"
    )
    name = f"doc_hong_{os.getpid()}"
    here = agency(name, ddl, "public.hong: {as: hong}\n" + TABLES.strip())
    with here.connection() as source:
        source.execute(f"ALTER ROLE {here.source.database.user} IN DATABASE {name} SET row_security = on".encode())
    here.add()
    agency_id, hong = here.source.agency, here.source.tables["public.hong"].name
    soon(lambda: [one for one in decided(stack).loads(agency_id) if one.table == hong and one.detail], "it fails", 180)
    soon(lambda: {"live"} == {states(operator, name)[other] for other in ("nguoi", "nha")}, "others", 180)
    operator.verify(f"{name}.nguoi")
    operator.verify(f"{name}.nha")
    with here.connection() as source:
        source.execute("ALTER TABLE hong DISABLE ROW LEVEL SECURITY")
    operator.waits_live(name)
    operator.verify(name)
