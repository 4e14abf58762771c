"""What a person changes in the sidebar."""

from __future__ import annotations

import pytest

from nbtrail.changes import RunEdited
from nbtrail.store.protocol import RunQuery
from tests.server.world import HERON, LYNX, OTTER


@pytest.fixture
def store(project):
    opened = project.open(read_only=True)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        ({"name": " best-otter "}, {"name": "best-otter"}),
        ({"note": "two\nlines"}, {"note": "two\nlines"}),
        ({"note": ""}, {"note": ""}),
        ({"starred": False}, {"starred": False}),
        ({"trashed": True}, {"trashed": True}),
        ({"add_tags": ["new", "sweep"]}, {"tags": ["new", "sweep"]}),
        ({"remove_tags": ["sweep", "never there"]}, {"tags": []}),
        ({"add_tags": ["new"], "remove_tags": ["sweep"], "note": "x"}, {"tags": ["new"], "note": "x"}),
        ({"name": "swift-otter"}, {"name": "swift-otter"}),
    ],
    ids=str,
)
async def test_an_edit_is_in_the_answer_and_in_the_store(ask, project, edit, shown):
    answer = await ask("PATCH", "runs/swift-otter", edit)
    asked_again = await ask("GET", f"runs/{OTTER}")

    assert answer.status == 200
    assert answer.body == answer.body | shown
    assert asked_again.body["run"] == answer.body


async def test_a_run_can_be_put_back_from_the_trash(ask, project):
    await ask("PATCH", f"runs/{OTTER}", {"trashed": True})
    without = (await ask("GET", "runs")).body["total"]
    await ask("PATCH", f"runs/{OTTER}", {"trashed": False})

    assert (without, (await ask("GET", "runs")).body["total"]) == (4, 5)


async def test_a_new_baseline_takes_the_place_of_the_old_one(ask, project, store):
    answer = await ask("PATCH", f"runs/{LYNX}", {"baseline": True})

    assert (answer.body["baseline"], answer.body["tags"]) == (True, ["baseline"])
    assert (store.run(HERON).tags, store.run(LYNX).tags) == ((), ("baseline",))


async def test_a_baseline_in_the_trash_gives_way_too(ask, project, store):
    """Else it would be the baseline again when it is put back."""
    writer = project.open(read_only=False)
    writer.apply([RunEdited(run_id=HERON, field="trashed", value=1.0)])
    writer.close()
    await ask("PATCH", f"runs/{LYNX}", {"baseline": True})

    assert store.run(HERON).tags == ()


async def test_a_baseline_can_be_taken_back(ask, project, store):
    await ask("PATCH", f"runs/{HERON}", {"baseline": False})

    assert (await ask("GET", "runs")).body["baseline"] is None
    assert [run.tags for run in store.runs(RunQuery())].count(("baseline",)) == 0
