"""Pages of runs: filter, sort, limits, metric, baseline, sparks, and a project without a store."""

from __future__ import annotations

import pytest

from nbtrail.changes import RunEdited, RunEnded, SessionStarted, TagsChanged
from nbtrail.settings import Settings
from tests.server.world import FINCH, HERON, LYNX, OTTER, WREN, T, curve, param, session, started


def names(answer) -> list[str]:
    return [run["name"] for run in answer.body["runs"]]


@pytest.fixture
def make_runs(make_project):
    """Makes a project of runs ``r0``, ``r1``, … that started a minute apart, with further changes."""

    def make(count: int, *changes):
        def fill(store):
            runs = [started(f"r{number}", f"r{number}", T + 60 * number) for number in range(count)]
            store.apply([SessionStarted(session=session()), *runs, *changes])

        return make_project(fill=fill)

    return make


async def test_the_newest_run_comes_first(ask, project):
    assert names(await ask("GET", "runs")) == ["swift-otter", "brisk-wren", "quiet-lynx", "bold-finch", "calm-heron"]


async def test_a_filter_leaves_those_that_match_and_counts_all(ask, project):
    answer = await ask("GET", "runs", filter="params.depth > 3 and not failed")

    assert names(answer) == ["swift-otter", "calm-heron"]
    assert (answer.body["matched"], answer.body["total"], answer.body["running"]) == (2, 5, 1)


async def test_a_run_whose_process_is_gone_is_found_as_lost(ask, project):
    assert names(await ask("GET", "runs", filter="lost")) == ["brisk-wren"]


async def test_runs_without_the_value_that_is_sorted_by_come_last(ask, project):
    assert names(await ask("GET", "runs", sort="-metrics.acc"))[-1] == "quiet-lynx"


async def test_a_page_begins_where_it_is_asked_to(ask, project):
    answer = await ask("GET", "runs", offset=1, limit=2)

    assert names(answer) == ["brisk-wren", "quiet-lynx"]
    assert (answer.body["offset"], answer.body["matched"]) == (1, 5)


async def test_a_page_has_a_hundred_runs_if_nothing_else_is_asked(ask, make_runs):
    make_runs(101)

    assert len((await ask("GET", "runs")).body["runs"]) == 100


async def test_rows_come_without_the_summaries_of_all_metrics_where_nobody_needs_them(ask, project):
    (full,) = (await ask("GET", "runs", limit=1)).body["runs"]
    (lean,) = (await ask("GET", "runs", limit=1, summaries=0)).body["runs"]

    assert full["metrics"]
    assert lean == {**full, "metrics": {}}


async def test_rows_have_the_params_that_were_named(ask, project):
    rows = (await ask("GET", "runs", params='["depth", "no such param"]')).body["runs"]

    assert {key for row in rows for key in row["params"]} == {"depth"}


async def test_a_row_has_the_first_hundred_of_many_params(ask, make_runs):
    make_runs(1, *(param("r0", f"p{number:04d}", number) for number in range(2000)))

    (row,) = (await ask("GET", "runs")).body["runs"]
    assert list(row["params"]) == [f"p{number:04d}" for number in range(100)]


@pytest.mark.parametrize("params", ["lr", "[1]", '{"lr": 1}', "["])
async def test_params_that_are_no_list_of_names_are_refused(ask, project, params):
    answer = await ask("GET", "runs", params=params)

    assert answer.status == 400
    assert "JSON list of names" in answer.body["error"]["message"]


@pytest.mark.parametrize("limit", ["0", "501", "-1", "many", "1.5", "٣", "9" * 5000])
async def test_a_limit_out_of_range_is_refused(ask, project, limit):
    answer = await ask("GET", "runs", limit=limit)

    assert answer.status == 400
    assert "limit" in answer.body["error"]["message"]
    assert "from 1 to 500" in answer.body["error"]["message"]


async def test_a_negative_offset_is_refused(ask, project):
    assert (await ask("GET", "runs", offset=-1)).status == 400


async def test_a_mistake_in_a_filter_is_told_with_its_column(ask, project):
    answer = await ask("GET", "runs", filter="lost and metrics.ac > 0.9")

    assert answer.status == 400
    assert answer.body["error"]["kind"] == "FilterError"
    assert answer.body["error"]["column"] == len("lost and metrics.")


async def test_a_mistake_in_a_sort_key_is_told(ask, project):
    assert (await ask("GET", "runs", sort="loudness")).body["error"]["kind"] == "FilterError"


async def test_rows_show_the_metric_that_is_asked_for(ask, project):
    answer = await ask("GET", "runs", metric="val_loss")
    otter = answer.body["runs"][0]

    assert answer.body["metric"] == {"name": "val_loss", "direction": "min"}
    assert otter["metric"] == {"name": "val_loss", "value": 0.301, "delta": 0.301 - 0.45, "better": True}


async def test_rows_show_the_metric_of_the_settings(ask, project):
    project.save_settings(Settings(metric="val_loss", directions={"val_loss": "max"}))

    assert (await ask("GET", "runs")).body["metric"] == {"name": "val_loss", "direction": "max"}


async def test_a_metric_of_the_settings_that_no_run_has_is_passed_over(ask, project):
    project.save_settings(Settings(metric="bleu"))

    assert (await ask("GET", "runs")).body["metric"]["name"] == "acc"


async def test_a_run_that_goes_on_does_not_change_which_metric_the_list_shows(ask, make_runs):
    """It has its loss already, and will have its accuracy at the end."""
    make_runs(
        2,
        *curve("r0", "acc", 0.9),
        *curve("r0", "loss", 0.3),
        RunEnded(run_id="r0", status="finished", at=T + 10),
        *curve("r1", "loss", 0.2),
    )

    assert (await ask("GET", "runs")).body["metric"]["name"] == "acc"


async def test_numbers_that_json_has_no_word_for_travel_as_texts(ask, project):
    finch = (await ask("GET", "runs", filter='name == "bold-finch"')).body["runs"][0]

    assert finch["metrics"]["val_loss"]["last"] == "NaN"
    assert finch["metrics"]["val_loss"]["max"] == "Infinity"
    assert finch["params"]["lr"] == "Infinity"


async def test_a_difference_to_nan_is_nan_and_neither_better_nor_worse(ask, project):
    finch = (await ask("GET", "runs", filter='name == "bold-finch"', metric="val_loss")).body["runs"][0]

    assert finch["metric"] == {"name": "val_loss", "value": "NaN", "delta": "NaN", "better": None}


async def test_the_baseline_counts_also_where_the_list_does_not_show_it(ask, project):
    answer = await ask("GET", "runs", filter="running")

    assert answer.body["baseline"] == {"id": HERON, "name": "calm-heron"}
    assert answer.body["runs"][0]["metric"]["delta"] == 0.934 - 0.922


async def test_of_several_baselines_the_one_started_last_counts(ask, make_runs):
    make_runs(3, *(TagsChanged(run_id=run, added=("baseline",)) for run in ("r0", "r1")))
    answer = await ask("GET", "runs")

    assert answer.body["baseline"]["name"] == "r1"
    assert [run["baseline"] for run in answer.body["runs"]] == [False, True, False]


async def test_a_run_in_the_trash_is_neither_listed_nor_the_baseline(ask, make_runs):
    make_runs(2, TagsChanged(run_id="r0", added=("baseline",)), RunEdited(run_id="r0", field="trashed", value=T))
    answer = await ask("GET", "runs")

    assert names(answer) == ["r1"]
    assert (answer.body["total"], answer.body["baseline"]) == (1, None)


async def test_a_long_curve_becomes_a_spark_of_48_values_that_keeps_its_peak(ask, make_runs):
    values = [float(step % 7) for step in range(1000)]
    values[333] = 100.0
    make_runs(1, *curve("r0", "loss", *values))
    spark = (await ask("GET", "runs")).body["runs"][0]["spark"]

    assert spark["metric"] == "loss"
    assert len(spark["values"]) <= 48
    assert max(spark["values"]) == 100


async def test_a_spark_grows_with_its_run(ask, project):
    store = project.open(read_only=False)
    await ask("GET", "runs")
    store.apply(curve(OTTER, "val_loss", 0.2, at=T + 100))
    store.close()

    assert (await ask("GET", "runs")).body["runs"][0]["spark"]["values"] == [1.2, 0.8, 0.4, 0.301, 0.2]


async def test_a_row_cuts_what_is_long_and_the_details_have_it_whole(ask, make_runs):
    make_runs(1, param("r0", "layers", list(range(1000))))
    row = (await ask("GET", "runs")).body["runs"][0]
    details = (await ask("GET", "runs/r0")).body

    assert len(row["params"]["layers"]) == 200
    assert row["params"]["layers"].startswith("[0, 1, 2")
    assert details["params"][0]["value"] == list(range(1000))


async def test_a_folder_without_a_project_has_no_runs_and_stays_as_it_is(ask, jp_root_dir):
    (jp_root_dir / "empty").mkdir()
    page = await ask("GET", "runs", path="empty/new.ipynb")
    groups = await ask("GET", "groups", path="empty/new.ipynb", by="tag")

    assert (page.status, page.body["project"]["exists"], page.body["runs"]) == (200, False, [])
    assert groups.body == {"groups": []}
    assert list((jp_root_dir / "empty").iterdir()) == []


async def test_an_empty_page_has_the_keys_of_a_full_one(ask, project, jp_root_dir):
    (jp_root_dir / "empty").mkdir()
    empty = await ask("GET", "runs", path="empty")

    assert empty.body.keys() == (await ask("GET", "runs")).body.keys()


async def test_without_runs_or_metrics_there_is_no_metric_to_show(ask, make_runs):
    make_runs(1)
    page = (await ask("GET", "runs")).body

    assert (page["metric"], page["baseline"]) == (None, None)
    assert (page["runs"][0]["metric"], page["runs"][0]["spark"]) == (None, None)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("status", ["failed", "finished", "interrupted", "lost", "running"]),
        ("tag", ["baseline", "sweep", None]),
        ("notebook", ["first/explore.ipynb", "train.ipynb", None]),
    ],
)
async def test_the_filter_of_a_group_gives_the_runs_of_that_group(ask, project, by, keys):
    groups = (await ask("GET", "groups", by=by)).body["groups"]
    pages = [await ask("GET", "runs", filter=f"(started > 0) and {group['filter']}") for group in groups]

    assert [group["key"] for group in groups] == keys
    assert [page.body["matched"] for page in pages] == [group["total"] for group in groups]


async def test_a_group_counts_what_matches_and_what_there_is(ask, project):
    groups = (await ask("GET", "groups", by="tag", filter="running")).body["groups"]

    assert [(group["matched"], group["total"]) for group in groups] == [(0, 1), (1, 2), (0, 2)]


async def test_a_name_with_quotes_is_a_group_like_any_other(ask, make_runs):
    make_runs(1, TagsChanged(run_id="r0", added=('say "hé" \\ \n',)))
    (group,) = (await ask("GET", "groups", by="tag")).body["groups"]

    assert (await ask("GET", "runs", filter=group["filter"])).body["matched"] == 1


async def test_runs_are_not_grouped_by_anything_else(ask, project):
    answer = await ask("GET", "groups", by="mood")

    assert answer.status == 400
    assert "notebook, status or tag" in answer.body["error"]["message"]


async def test_a_run_is_found_by_name_and_by_the_beginning_of_its_id(ask, project):
    by_name = await ask("GET", "runs/quiet-lynx")
    by_beginning = await ask("GET", f"runs/{WREN[:9]}")

    assert (by_name.body["run"]["id"], by_beginning.body["run"]["id"]) == (LYNX, WREN)
    assert FINCH not in by_beginning.body["run"]["id"]
