"""The store that the benchmark of growth fills is one that nbtrail could have written."""

from __future__ import annotations

import pytest

from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery
from tests.bench.scale_report import BEGIN, END, write_tables
from tests.bench.scale_store import Size, fill, wake


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "store.db"
    fill(path, Size(runs=40, points=20_000, names=100))
    wake(path)
    store = open_store(path, read_only=True)
    yield store
    store.close()


def test_it_is_whole_and_has_as_many_runs(store):
    assert store.problems() == []
    assert store.count(RunQuery()) + store.count(RunQuery(trashed=True)) == 40


def test_its_summaries_speak_of_the_points_that_are_there(store):
    runs = store.runs(RunQuery())
    for metric in store.metrics([run.id for run in runs[:10]]):
        series = store.series(metric.run_id, metric.key)
        assert (len(series.values), series.values[-1]) == (metric.count, metric.last)


def test_its_tables_stand_between_the_marks_of_the_page(tmp_path):
    page = tmp_path / "scale.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    row = {"runs": 1000, "points": 1_000_000, "group": "page", "what": "by name", "first": 36.5, "again": 0.25}
    write_tables({"growth": [row], "limits": [{"what": "filter", "ours": 3.0, "hand": 1.5, "most": 3.0}]}, page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| page: by name | 36.5 ms (250 µs) |" in text
    assert "| filter | 3 ms | 1.5 ms | 2.00 | 3.0 |" in text
