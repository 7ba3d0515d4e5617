"""PostgreSQL behind the port, on a real cluster."""

import pytest
from builders.postgresql import Running

from ops.databases.kinds import of
from ops.databases.port import SourceDatabase
from ops.databases.values import LET_GO
from ops.verify.compare import Column
from suoi.errors import Transient, UserError
from suoi.ids import Epoch
from suoi.position import Position
from suoi.sources import Source


@pytest.fixture(scope="module")
def kho(postgresql: Running) -> Source:
    ddl = """
    CREATE TABLE hang (id bigint PRIMARY KEY, ten text, luc timestamptz);
    CREATE TABLE phan (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE phan_0 PARTITION OF phan FOR VALUES FROM (0) TO (100);
    CREATE TABLE phan_1 PARTITION OF phan FOR VALUES FROM (100) TO (200);
    """
    return postgresql.source("kho", ddl, "hang", "phan")


@pytest.fixture
def database(postgresql: Running, kho: Source) -> SourceDatabase:
    return of(kho, postgresql.settings)


def test_a_database_prepared_by_the_rendered_sql_lacks_nothing(kho: Source, database: SourceDatabase) -> None:
    seen = database.inspect(kho.tables)
    assert seen.lacks == ()
    assert set(seen.tables) == set(kho.tables)


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("ALTER ROLE {} SET intervalstyle = 'iso_8601'", "ALTER ROLE {} SET intervalstyle = 'postgres'"),
        ("ALTER ROLE {} RESET intervalstyle", "ALTER ROLE {} SET intervalstyle = 'postgres'"),
        ("ALTER ROLE {} IN DATABASE kho SET intervalstyle = 'iso_8601'", "ALTER ROLE {} IN DATABASE kho RESET ALL"),
    ],
)
def test_a_role_for_which_values_are_spelled_otherwise_is_told_so(
    postgresql: Running, kho: Source, change: str, back: str
) -> None:
    role = kho.database.user
    postgresql.run("ALTER DATABASE kho SET bytea_output = 'escape'", "kho")  # the role's own setting stands above it
    postgresql.run(change.format(role), "kho")
    try:
        (lack,) = of(kho, postgresql.settings).inspect(kho.tables).lacks
    finally:
        postgresql.run(back.format(role), "kho")
    assert lack.problem.startswith(f"role {role} lacks the setting intervalstyle = postgres: ")


def test_a_table_whose_rows_are_hidden_from_the_role_is_told(postgresql: Running) -> None:
    ddl = "CREATE TABLE a (x int PRIMARY KEY); ALTER TABLE a ENABLE ROW LEVEL SECURITY"
    source = postgresql.source("an", ddl, "a")
    database = of(source, postgresql.settings)
    (lack,) = database.inspect(source.tables).lacks
    assert (lack.table, lack.problem.partition(" from ")[0]) == ("public.a", "row security hides rows")
    with pytest.raises(UserError, match="row-level security"), database.snapshot(["public.a"], Epoch(1)) as reader:
        list(reader.rows("public.a", reader.shape("public.a")[0]))
    postgresql.run(f"ALTER ROLE {source.database.user} BYPASSRLS", "an")
    assert database.inspect(source.tables).lacks == ()


def test_a_unique_index_that_is_never_null_is_offered_as_the_key(postgresql: Running) -> None:
    ddl = "CREATE TABLE a (x int NOT NULL CONSTRAINT mot_x UNIQUE); CREATE TABLE b (x int UNIQUE)"
    found = of(postgresql.source("khong_khoa", ddl, "a"), postgresql.settings).tables()
    told = {name: [index.as_key for index in table.indexes] for name, table in found.items()}
    assert told == {
        "public.a": ['ALTER TABLE "public"."a" ADD PRIMARY KEY USING INDEX "mot_x"'],
        "public.b": [""],
    }


def test_it_says_who_it_is_where_its_log_ends_and_what_it_keeps(postgresql: Running, database: SourceDatabase) -> None:
    before = database.look()
    postgresql.run("INSERT INTO hang VALUES (900); DELETE FROM hang WHERE id = 900", "kho")
    after = database.look()
    assert before.identity == after.identity
    assert before.end < after.end
    assert after.kept is not None
    assert not after.kept.lost
    assert set(after.shapes) == {"public.hang", "public.phan"}


def test_a_partition_that_came_is_known_to_be_empty_or_not(postgresql: Running, database: SourceDatabase) -> None:
    postgresql.run("INSERT INTO phan VALUES (1)", "kho")
    lines = [line for line in database.look().shapes["public.phan"].columns if line.startswith("partition ")]
    assert len(lines) == 2
    assert len(database.empty("public.phan", lines)) == 1


def test_a_signal_is_an_insert_each_time_and_our_note_is_seen(database: SourceDatabase) -> None:
    database.signal(LET_GO, "suoi", "first")
    database.signal(LET_GO, "suoi", "second")
    assert database.look().let_go == "second"
    database.take_back([LET_GO])
    assert database.look().let_go == ""


def test_a_released_log_is_kept_by_nothing(postgresql: Running) -> None:
    database = of(postgresql.source("tha", "CREATE TABLE a (x int PRIMARY KEY)", "a"), postgresql.settings)
    assert database.release()
    assert database.look().kept is None
    assert database.log(1) == (False, "slot suoi_tha does not exist")


def test_a_snapshot_sees_what_was_committed_before_it_and_nothing_else(
    postgresql: Running, database: SourceDatabase
) -> None:
    postgresql.run("DELETE FROM hang; INSERT INTO hang VALUES (1, 'trước')", "kho")
    with database.snapshot(["public.hang"], Epoch(2)) as reader:
        postgresql.run("INSERT INTO hang VALUES (2, 'sau')", "kho")
        shape, _ = reader.shape("public.hang")
        ((row, key),) = reader.window("public.hang", shape, None, 5)
        assert row == ("1", "trước", None)
        assert list(reader.these("public.hang", shape, [key])) == [(row, key)]
        moment = reader.moment
    end = database.look().end
    assert moment.passed_by(Position(0, end))
    assert not moment.passed_by(Position(0, 1))


def test_a_condition_finds_its_rows(postgresql: Running, database: SourceDatabase) -> None:
    columns = [Column("id", "id", "int8"), Column("ten", "ten", "text")]
    where = database.condition(columns, [("7", "O'Brien \\ Đặng")])
    postgresql.run("INSERT INTO hang VALUES (7, E'O''Brien \\\\ Đặng'), (8, 'x')", "kho")
    with postgresql.connection("kho") as connection:
        assert connection.execute(f"SELECT id FROM hang WHERE {where}".encode()).fetchall() == [(7,)]


def test_a_key_with_an_array_is_unfit(postgresql: Running) -> None:
    source = postgresql.source("mang", "CREATE TABLE a (x int[], y int, PRIMARY KEY (x, y))", "a")
    unfit = of(source, postgresql.settings).tables()["public.a"].unfit
    assert unfit is not None
    assert unfit.problem == "key column x is an array: a load could not remember how far it is"


def test_the_heartbeat_has_an_age_once_it_was_written(postgresql: Running, database: SourceDatabase) -> None:
    assert database.heartbeat_age() is None
    postgresql.run("INSERT INTO suoi_cdc.heartbeat VALUES (1, clock_timestamp())", "kho")
    age = database.heartbeat_age()
    assert age is not None
    assert 0 <= age < 60
    assert database.now().tzinfo is not None


def test_a_wrong_password_is_told_and_a_server_that_is_away_is_waited_for(postgresql: Running) -> None:
    source = postgresql.source("sai", "CREATE TABLE a (x int PRIMARY KEY)", "a")
    postgresql.settings.secret("sai.password").write_text("sai")
    with pytest.raises(
        UserError, match=r"password authentication failed.*; valid: the password that the role has there"
    ):
        of(source, postgresql.settings).look()
    away = source.model_copy(update={"database": source.database.model_copy(update={"port": 1})})
    with pytest.raises(Transient):
        of(away, postgresql.settings).look()
