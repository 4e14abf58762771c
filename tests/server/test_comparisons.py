"""Comparing and exporting."""

from __future__ import annotations

import nbformat
import pytest

from nbtrail.changes import SessionStarted
from tests.server.world import FINCH, HERON, LYNX, OTTER, WREN, T, session, started


async def test_runs_are_compared_in_the_order_asked_for(ask, project):
    answer = await ask("POST", "compare", {"runs": ["bold-finch", OTTER, "calm-heron"], "metric": "acc"})

    assert answer.body["title"] == "Compare: 3 runs"
    assert [run["name"] for run in answer.body["runs"]] == ["bold-finch", "swift-otter", "calm-heron"]
    assert answer.body["metric"] == "acc"


async def test_the_tagged_run_is_the_baseline_unless_another_is_named(ask, project):
    tagged = await ask("POST", "compare", {"runs": [OTTER, HERON, FINCH]})
    named = await ask("POST", "compare", {"runs": [OTTER, HERON, FINCH], "baseline": "bold-finch"})

    assert [run["baseline"] for run in tagged.body["runs"]] == [False, True, False]
    assert [run["baseline"] for run in named.body["runs"]] == [False, False, True]


async def test_a_baseline_that_is_not_compared_is_refused(ask, project):
    answer = await ask("POST", "compare", {"runs": [OTTER, FINCH], "baseline": HERON})

    assert answer.status == 400
    assert "calm-heron" in answer.body["error"]["message"]


async def test_a_run_with_nan_and_one_without_metrics_can_be_compared(ask, project):
    answer = await ask("POST", "compare", {"runs": [FINCH, LYNX, WREN]})
    rows = {row["name"]: row for row in answer.body["differs"]["rows"]}

    assert rows["metrics.val_loss"]["values"] == ["NaN", None, None]
    assert rows["params.lr"]["values"] == ["inf", "0.01", "0.5"]


async def test_a_run_that_is_named_twice_is_compared_once(ask, project):
    answer = await ask("POST", "compare", {"runs": [OTTER, "swift-otter"]})

    assert (answer.body["title"], len(answer.body["runs"])) == ("Compare: 1 run", 1)


async def test_of_very_many_runs_the_first_forty_are_compared(ask, make_project):
    names = [f"r{number}" for number in range(50)]
    runs = [started(name, name, T + number) for number, name in enumerate(names)]
    make_project(fill=lambda store: store.apply([SessionStarted(session=session()), *runs]))
    answer = await ask("POST", "compare", {"runs": names, "baseline": "r45"})

    assert answer.body["title"] == "Compare: 50 runs"
    assert [run["name"] for run in answer.body["runs"]] == names[:40]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("heart-disease", "heart-disease/comparison.ipynb"),
        ("heart-disease/train.ipynb", "heart-disease/comparison.ipynb"),
        ("heart-disease/deep/train.ipynb", "heart-disease/deep/comparison.ipynb"),
    ],
)
async def test_an_export_lies_beside_the_notebook(ask, project, jp_root_dir, path, written):
    (jp_root_dir / "heart-disease" / "deep").mkdir()
    answer = await ask("POST", "export", {"runs": [OTTER, HERON]}, path=path)

    assert answer.body == {"path": written}
    nbformat.validate(nbformat.read(jp_root_dir / written, as_version=4))


async def test_an_export_never_writes_over_a_file(ask, project, jp_root_dir):
    (jp_root_dir / "heart-disease" / "comparison.ipynb").write_text("mine")
    first = await ask("POST", "export", {"runs": [OTTER]})
    second = await ask("POST", "export", {"runs": [OTTER]})

    assert (jp_root_dir / "heart-disease" / "comparison.ipynb").read_text() == "mine"
    assert first.body == {"path": "heart-disease/comparison-2.ipynb"}
    assert second.body == {"path": "heart-disease/comparison-3.ipynb"}


async def test_an_export_that_fails_leaves_no_file(ask, project, jp_root_dir):
    answer = await ask("POST", "export", {"runs": [OTTER], "metric": "unknown"})

    assert answer.status == 404
    assert list((jp_root_dir / "heart-disease").glob("*.ipynb")) == []


async def test_an_export_into_a_folder_that_is_not_there_says_so(ask, project):
    answer = await ask("POST", "export", {"runs": [OTTER]}, path="heart-disease/gone/train.ipynb")

    assert answer.status == 400
    assert "Make it first" in answer.body["error"]["message"]
