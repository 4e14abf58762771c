"""The benchmark beside other trackers: its arithmetic, its tables, and that it really measures and really kills."""

from __future__ import annotations

import pytest

from tests.bench.peers import limits, tables
from tests.bench.peers.catalog import BY_HAND, NBTRAIL
from tests.bench.peers.deaths import death
from tests.bench.peers.measure import TINY, flood, present
from tests.bench.peers.quantities import duration, percent, rate
from tests.bench.peers.report import markdown, page

BUFFERED, WRITE = (next(entry for entry in BY_HAND if entry.key == key) for key in ("buffered", "write"))


def call(median_us, **more):
    return {
        "median_us": median_us,
        "p99_us": 10 * median_us,
        "max_us": 100 * median_us,
        "raw": {"median_us": 0.5, "p99_us": 1.0},
        "settle_s": 0.02,
        "points_per_s": 1.5e6,
        "points": 3_000,
        "bytes_a_point": 8.25,
        **more,
    }


def results(**tools):
    titles = {"nbtrail": "nbtrail", "slow": "Slow", "hand": "by hand"}
    found = {key: {"title": titles[key], "limit": key == "hand", **one} for key, one in tools.items()}
    machine = {"cores": 2, "system": "Linux", "python": "3.11.7"}
    return {"machine": machine, "environments": {}, "imports": {}, "tools": found, "own": {}}


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (duration(0.47e-6), "0.47 µs"),
        (duration(13.71e-3), "13.7 ms"),
        (duration(130.0), "130 s"),
        (percent(0), "0 %"),
        (percent(0.04), "0.04 %"),
        (percent(99.98), "99.9 %"),
        (rate(2.5e6), "2.50 M/s"),
        (rate(850), "850/s"),
    ],
)
def test_a_figure_has_a_unit_and_as_many_digits_as_count(shown, text):
    assert shown == text


def test_the_fastest_call_comes_first_beside_what_a_write_takes():
    sheet = tables.log_calls(results(slow={"flood": call(2_000.0)}, nbtrail={"flood": call(4.0)}))

    assert [row[:5] for row in sheet.rows] == [
        ("**nbtrail**", "4.00 µs", "40.0 µs", "400 µs", "8.00 ×"),
        ("Slow", "2.00 ms", "20.0 ms", "200 ms", "4,000 ×"),
    ]


def test_a_curve_of_fewer_points_is_scaled_and_its_points_are_told():
    read = {"best_s": 0.5, "points": 10_000}
    sheet = tables.stores(results(slow={"flood": call(2.0, read=read)}))

    assert sheet.rows == (("Slow", "8.25", "3,000", "5.00 s", "10,000"),)


def test_what_could_not_be_measured_is_told_on_the_page():
    found = results(slow={"flood": {"failed": "not done after 180 s"}})
    found["environments"] = {"other": {"failed": "ERROR: no matching distribution"}}

    text = page(found)

    assert "Slow, flood: not done after 180 s" in text
    assert "other, installation: ERROR: no matching distribution" in text


@pytest.mark.parametrize(("median_us", "word"), [(3.9, "reached"), (4.1, "**not reached**")])
def test_a_limit_is_a_ratio_to_the_same_work_in_the_same_process(median_us, word):
    found = results(nbtrail={"flood": call(median_us), "tiny": {"first_ms": 1.0, "later_ms": 1.0}})

    (median, *_) = [row for row in limits.sheet(found).rows if "median" in row[0]]

    assert median[2:] == ("0.50 µs, `os.write`", "≤ 8.00 ×", word)


def test_a_table_is_markdown_with_figures_to_the_right():
    sheet = tables.Sheet("", ("", "time"), (("nbtrail", "1 ms"),))

    assert markdown(sheet) == "|  | time |\n| --- | ---: |\n| nbtrail | 1 ms |"


def test_without_peers_nbtrail_and_the_work_by_hand_are_measured():
    assert [entry.key for entry in present(None)] == [NBTRAIL.key, *(entry.key for entry in BY_HAND)]


def test_a_flood_of_nbtrail_is_measured_and_read_back():
    found = flood(NBTRAIL, TINY, None)

    assert found["points"] == 3 * found["calls"]
    assert found["read"]["points"] == found["calls"]
    assert found["raw"]["median_us"] < found["median_us"]


def test_a_kill_takes_what_is_buffered_and_not_what_is_written():
    (_, of_buffered), (calls, of_written) = (
        death(entry, None, per_s=0, life_s=(0.2, 0.3)) for entry in (BUFFERED, WRITE)
    )

    assert of_buffered > 0
    assert calls > 0
    assert of_written == 0
