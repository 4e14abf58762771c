"""What a person corrects on a card."""

from __future__ import annotations

import json

import pytest

from nbtrail.server.corrections import BY_HAND
from tests.server import world
from tests.server.world import HERON, LYNX, OTTER, T

INFERRED = {"origin": "inferred", "reason": "literal in cell 1", "execution_id": "e1"}


@pytest.fixture
def project(make_project):
    """The project of the golden files, whose finished run has inferred values as well."""

    def fill(store):
        world.fill(store)
        store.apply([world.param(HERON, "seed", 1, **INFERRED), world.param(HERON, "seed", 7, **INFERRED)])
        store.apply(world.curve(HERON, "gap", 0.5, 0.25, origin="inferred", reason="watched"))

    return make_project(fill=fill)


@pytest.fixture
def store(project):
    opened = project.open(read_only=True)
    yield opened
    opened.close()


def names(store, run_id):
    return {one.key for one in (*store.params([run_id]), *store.metrics([run_id]))}


async def test_an_ignored_name_is_remembered_and_leaves_a_run_that_has_ended(ask, project, store):
    answer = await ask("PATCH", f"runs/{HERON}", {"ignore": ["seed", "gap"]})

    assert answer.status == 200
    assert "seed" not in answer.body["params"]
    assert "gap" not in answer.body["metrics"]
    assert project.settings().ignore == ("seed", "gap")
    assert store.series(HERON, "gap").values.tolist() == []


async def test_what_was_logged_stays_though_its_name_is_ignored(ask, project, store):
    await ask("PATCH", f"runs/{HERON}", {"ignore": ["lr", "acc"]})

    assert {"lr", "acc"} < names(store, HERON)
    assert project.settings().ignore == ("lr", "acc")


async def test_an_ignored_name_that_is_restored_comes_back_whole(ask, project, store):
    before = (store.params([HERON]), store.metrics([HERON]))
    await ask("PATCH", f"runs/{HERON}", {"ignore": ["seed", "gap"]})

    await ask("PATCH", f"runs/{HERON}", {"restore": ["seed", "gap"]})

    assert (store.params([HERON]), store.metrics([HERON])) == before
    assert store.series(HERON, "gap").times.tolist() == [T, T + 1]
    assert (project.settings().ignore, project.settings().watch_params) == ((), ())


async def test_a_name_that_was_watched_is_watched_again_when_it_is_restored(ask, project):
    await ask("PATCH", f"runs/{HERON}", {"watch": ["seed", "gap"]})
    await ask("PATCH", f"runs/{HERON}", {"ignore": ["seed", "gap"]})
    assert project.settings().watch_params == ()

    await ask("PATCH", f"runs/{HERON}", {"restore": ["seed", "gap"]})

    assert (project.settings().watch_params, project.settings().watch_metrics) == (("seed",), ("gap",))


async def test_a_proposed_number_that_is_taken_becomes_a_metric_of_the_run_and_is_watched(ask, project, store):
    answer = await ask("PATCH", f"runs/{LYNX}", {"take": {"final_gap": 0.123456789}})

    assert answer.body["metrics"]["final_gap"]["last"] == 0.123456789
    (metric,) = store.metrics([LYNX])
    assert (metric.origin, metric.reason) == ("inferred", BY_HAND)
    assert project.settings().watch_metrics == ("final_gap",)


async def test_a_number_is_taken_once(ask, project, store):
    await ask("PATCH", f"runs/{LYNX}", {"take": {"gap": 1}})
    await ask("PATCH", f"runs/{LYNX}", {"take": {"gap": 1}})

    assert store.metrics([LYNX])[0].count == 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
async def test_numbers_that_json_has_no_word_for_can_be_taken(ask, project, number):
    answer = await ask("PATCH", f"runs/{LYNX}", {"take": {"gap": number}})

    assert answer.body["metrics"]["gap"]["last"] == number


async def test_a_run_that_goes_on_is_left_to_its_kernel(ask, project, store):
    before = names(store, OTTER)
    await ask("PATCH", f"runs/{OTTER}", {"ignore": ["lr"], "take": {"gap": 0.5}})

    assert names(store, OTTER) == before
    assert (project.settings().ignore, project.settings().watch_metrics) == (("lr",), ("gap",))


async def test_a_watched_name_is_what_the_run_has_of_it_else_what_its_name_says(ask, project):
    await ask("PATCH", f"runs/{HERON}", {"watch": ["depth", "acc", "test_error", "width"]})

    assert project.settings().watch_params == ("depth", "width")
    assert project.settings().watch_metrics == ("acc", "test_error")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"ignore": "lr"}, "ignore must be a list of texts"),
        ({"ignore": [""]}, "a name is one line of text"),
        ({"watch": ["a\nb"]}, "a name is one line of text"),
        ({"take": ["gap"]}, "take must be an object of numbers"),
        ({"take": {"gap": "big"}}, "take must be an object of numbers"),
        ({"take": {"gap": True}}, "take must be an object of numbers"),
        ({"take": {" ": 1}}, "a name is one line of text"),
        ({"take": {"gap": 1}, "ignore": ["gap"]}, "'gap' is to be taken and to be ignored"),
    ],
    ids=str,
)
async def test_a_correction_that_makes_no_sense_is_refused(ask, project, edit, said):
    answer = await ask("PATCH", f"runs/{HERON}", edit)

    assert answer.status == 400
    assert said in answer.body["error"]["message"]
    assert not (project.folder / "settings.toml").exists()


async def test_a_number_beyond_all_bounds_is_refused(ask, project):
    answer = await ask("PATCH", f"runs/{HERON}", json.dumps({"take": {"gap": 10**400}}))

    assert answer.status == 400


async def test_settings_with_a_mistake_are_left_alone_and_nothing_is_withdrawn(ask, project, store):
    (project.folder / "settings.toml").write_text("[capture]\nignore = 3\n")

    answer = await ask("PATCH", f"runs/{HERON}", {"ignore": ["seed"]})

    assert (answer.status, answer.body["error"]["kind"]) == (400, "SettingsError")
    assert "seed" in names(store, HERON)
