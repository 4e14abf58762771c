"""SQL over the store: points are rows, exact to the bit, worked out only where asked for; nothing is changed."""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
import struct
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nbtrail as nt
from nbtrail.errors import SqlError
from nbtrail.store import open_store

EXACT = [0.1, 0.1 + 0.2, 5e-324, -0.0, 1.7976931348623157e308, 2.2250738585072014e-308, 1e23, math.inf, -math.inf]


@pytest.fixture
def otter(project):
    """A finished run with params and two metrics."""
    with nt.start_run("otter", params={"lr": 0.1, "opt": "adam"}) as run:
        for step in range(10):
            run.log({"loss": 1 / (step + 1), "acc": step / 10}, step=step * 2)
    return run


def plan(project, query):
    with (
        contextlib.closing(open_store(project.url, read_only=True)) as store,
        store.select(f"EXPLAIN QUERY PLAN {query}") as selection,
    ):
        return " ".join(row[-1] for rows in selection.batches() for row in rows)


def test_points_are_rows_in_the_order_logged(otter):
    found = nt.sql("SELECT * FROM points WHERE key = 'loss'")

    assert list(found.columns) == ["run_id", "key", "position", "step", "time", "value"]
    assert found["position"].tolist() == list(range(10))
    assert found["step"].tolist() == list(range(0, 20, 2))
    assert found["value"].tolist() == [1 / (step + 1) for step in range(10)]
    history = nt.history(["otter"], "loss")
    assert (history["time"].astype("int64") // 1000).tolist() == np.rint(found["time"] * 1000).astype(int).tolist()


def test_values_are_exact_to_the_bit_and_nan_is_null(project):
    numbers = np.random.default_rng(7).integers(0, 1 << 63, 5000, np.int64).view(np.float64).tolist()
    wanted = EXACT + [number for number in numbers if not math.isnan(number)]
    with nt.start_run() as run:
        for value in wanted:
            run.log({"m": value})
        run.log({"m": math.nan})
    found = nt.sql("SELECT value FROM points ORDER BY position")["value"].tolist()

    assert [struct.pack("<d", value) for value in found[:-1]] == [struct.pack("<d", value) for value in wanted]
    assert math.isnan(found[-1])
    assert nt.sql("SELECT count(*) AS n FROM points WHERE value IS NULL")["n"].tolist() == [1]


def test_steps_are_exact_over_all_of_64_bits(project):
    steps = [-(1 << 63), (1 << 63) - 1, 0, -1, 12345678901234567]
    with nt.start_run() as run:
        for step in steps:
            run.log({"m": 0.0}, step=step)
    assert nt.sql("SELECT step FROM points ORDER BY position")["step"].tolist() == steps


def test_points_join_with_runs_and_are_grouped_and_sorted(otter):
    query = """
        SELECT runs.name, key, max(value) AS best FROM runs JOIN points ON points.run_id = runs.id
        WHERE value < ? GROUP BY name, key ORDER BY best DESC
    """
    assert nt.sql(query, [0.95]).to_numpy().tolist() == [["otter", "acc", 0.9], ["otter", "loss", 0.5]]


def test_after_sorting_every_value_still_belongs_to_its_point(project):
    """SQLite works out some columns only after sorting, when other chunks have been passed."""
    with nt.start_run() as run:
        for step in range(3000):
            run.log({name: step + offset for name, offset in (("a", 0.25), ("b", 0.5), ("c", 0.75))}, step=step)
    found = nt.sql("SELECT step, sum(value) AS total, count(*) AS n FROM points GROUP BY step ORDER BY step DESC")

    assert found["total"].tolist() == [3 * step + 1.5 for step in range(2999, -1, -1)]
    assert set(found["n"]) == {3}


def test_only_the_chunks_of_the_series_are_touched(otter, project):
    for query in (
        "SELECT * FROM points WHERE run_id = 'x' AND key = 'loss'",
        "SELECT value FROM runs JOIN points ON points.run_id = runs.id WHERE runs.name = 'x' AND points.key = 'loss'",
    ):
        assert "SEARCH p USING INDEX sqlite_autoindex_points_1 (run_id=? AND key=?)" in plan(project, query)


def test_a_pragma_that_only_tells_something_is_answered(otter):
    assert nt.sql("PRAGMA user_version").shape == (1, 1)
    assert "name" in nt.sql("PRAGMA TABLE_INFO(runs)")["name"].tolist()


def test_columns_of_one_name_are_numbered(otter):
    query = """
        SELECT a.value, b.value, 7 AS value_2, b.value, a.step
        FROM points a JOIN points b ON a.step = b.step WHERE a.key = 'loss' AND b.key = 'acc' AND a.step = 2
    """
    found = nt.sql(query)

    assert list(found.columns) == ["value", "value_3", "value_2", "value_4", "step"]
    assert found.loc[0].tolist() == [0.5, 0.1, 7, 0.1, 2]


def test_whole_numbers_are_exact_also_where_some_are_missing(otter):
    """A float holds no more than 53 bits of them."""
    found = nt.sql("SELECT 9007199254740993 AS n, 1 AS few UNION ALL SELECT NULL, NULL UNION ALL SELECT 2.5, 2")

    assert found["n"].tolist()[:1] == [9007199254740993]
    assert found["few"].tolist() == [1, pd.NA, 2]
    assert nt.sql("SELECT 9007199254740993 AS n UNION ALL SELECT NULL")["n"].tolist() == [9007199254740993, pd.NA]


def test_values_of_metrics_and_missing_ones_are_float64(otter):
    found = nt.sql("SELECT value FROM points WHERE key = 'loss' UNION ALL SELECT NULL UNION ALL SELECT 3")

    assert str(found["value"].dtype) == "float64"


def test_names_and_positions_stand_for_values(otter):
    query = "SELECT count(*) AS n FROM points WHERE step > :step AND key = :key"
    assert nt.sql(query, {"step": 9, "key": "acc"})["n"].tolist() == [5]


def test_the_chunks_themselves_are_there_too(otter):
    assert nt.sql('SELECT sum(count) AS n, typeof("values") AS kind FROM main.points')["kind"].tolist() == ["blob"]


def test_a_project_without_a_store_has_empty_tables(project):
    assert nt.sql("SELECT * FROM points").empty
    assert list(nt.sql("SELECT name, status FROM runs").columns) == ["name", "status"]
    assert not Path(project.url).exists()


DOCUMENT = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("query", re.findall(r"```sql\n(.*?)```", DOCUMENT, flags=re.DOTALL))
def test_the_documents_statements_run(otter, query):
    assert len(nt.sql(query).columns) >= 3


def test_the_documents_python_runs(otter):
    for block in re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL):
        exec(compile(block, "sql.md", "exec"), {})


# --- nothing is changed ---


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("DELETE FROM runs", "DELETE runs"),
        ("UPDATE runs SET name = 'x'", "UPDATE runs"),
        ("INSERT INTO tags VALUES ('a', 'b')", "INSERT tags"),
        ("DROP TABLE runs", "DELETE sqlite_master"),
        ("ATTACH 'other.db' AS other", "ATTACH other.db"),
        ("PRAGMA journal_mode = DELETE", "PRAGMA journal_mode"),
        ("PRAGMA writable_schema = ON", "PRAGMA writable_schema"),
        ("PRAGMA user_version = 3", "PRAGMA user_version"),
        ("pragma SCHEMA_VERSION(3)", "PRAGMA SCHEMA_VERSION"),
        ("SELECT load_extension('x')", "load_extension()"),
        ("VACUUM INTO 'copy.db'", "ATTACH"),
        ("BEGIN IMMEDIATE", "TRANSACTION BEGIN"),
        ("CREATE TEMP TABLE x (a)", "INSERT sqlite_temp_master"),
    ],
)
def test_what_is_not_reading_is_refused_and_changes_nothing(otter, project, statement, refused):
    nt.runs()
    before = Path(project.url).read_bytes()
    with pytest.raises(SqlError, match="only reading is possible here") as caught:
        nt.sql(statement)
    assert refused in str(caught.value)
    assert Path(project.url).read_bytes() == before
    assert not Path("other.db").exists()
    assert not Path("copy.db").exists()


# --- mistakes ---


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT * FROM run", "no table 'run'. Did you mean runs? There are: artifacts, blobs,"),
        ("SELECT vlaue FROM points", "no column 'vlaue'. Did you mean value? points has run_id, key, position, step,"),
        ("SELECT runs.nam FROM runs", "no column 'nam'. Did you mean name? runs has id, name, status"),
        ("SELEC 1", 'near "SELEC": syntax error'),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("", "the statement gives no rows"),
        ("SELECT ?", "binding"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_what_there_is(otter, statement, message):
    with pytest.raises(SqlError) as caught:
        nt.sql(statement)
    assert message.lower() in str(caught.value).lower()


def test_a_damaged_chunk_is_said(otter, project):
    import sqlite3

    nt.runs()
    with contextlib.closing(sqlite3.connect(project.url)) as connection, connection:
        connection.execute("UPDATE points SET \"values\" = x'00' WHERE key = 'loss'")
    with pytest.raises(SqlError, match="a chunk of points is damaged"):
        nt.sql("SELECT * FROM points")


@pytest.mark.parametrize(
    "endless",
    [
        "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(value) FROM points, t",
    ],
)
def test_ctrl_c_stops_a_statement_that_takes_for_ever(otter, endless):
    nt.runs()
    # A shell starts what runs in its background deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            nt.sql(endless)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 60
