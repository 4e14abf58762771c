"""Runs: starting, ending, editing, finding, paging. Every engine keeps this contract."""

from __future__ import annotations

import pytest

from nbtrail.changes import RunEdited, RunEnded, RunStarted, SessionStarted, TagsChanged
from nbtrail.errors import InputError, NameTakenError, RunNotFoundError
from nbtrail.store.protocol import RunQuery
from tests.store.conftest import START, session


def test_an_empty_store_has_no_runs(store):
    assert store.runs(RunQuery()) == []
    assert store.count(RunQuery()) == 0
    assert store.revision() == 0
    assert store.changed_since(0) == []


def test_a_started_run_is_running_until_it_ends(store, make_run):
    run = make_run("swift-otter", notebook="train.ipynb", utc_offset_s=7200)
    assert (run.status, run.ended, run.duration_s) == ("running", None, None)
    assert (run.notebook, run.utc_offset_s) == ("train.ipynb", 7200)

    store.apply([RunEnded(run_id=run.id, status="failed", at=run.started + 5, error="ValueError in [3]: no")])
    ended = store.run(run.id)

    assert (ended.status, ended.duration_s, ended.error) == ("failed", 5.0, "ValueError in [3]: no")


def test_what_one_process_wrote_the_next_one_sees(engine, make_run):
    run = make_run("swift-otter", tags=["best"])

    assert engine.open(read_only=True).run("swift-otter") == run


def test_a_taken_name_gets_the_first_free_suffix(store, make_run):
    names = [make_run("otter").name for _ in range(3)]
    assert names == ["otter", "otter-2", "otter-3"]

    store.apply([RunEdited(run_id=store.run("otter-2").id, field="name", value="heron")])

    assert make_run("otter").name == "otter-2"


def test_names_of_one_transaction_do_not_collide_either(store):
    starts = [RunStarted(run_id=f"01J{n}", name="otter", session_id="S1", at=START) for n in range(3)]
    store.apply([SessionStarted(session=session()), *starts])

    assert sorted(run.name for run in store.runs(RunQuery())) == ["otter", "otter-2", "otter-3"]


def test_a_run_that_is_there_is_not_started_again(store, make_run):
    run = make_run("otter", tags=["best"], status="finished")

    store.apply([RunStarted(run_id=run.id, name="otter", session_id="S1", at=START + 99)])

    again = store.run(run.id)
    assert (again.name, again.status, again.started, again.tags) == ("otter", "finished", run.started, ("best",))


def test_a_run_is_edited(store, make_run):
    run = make_run("otter")
    edits = {"name": "heron", "note": "why it works", "starred": True, "environment_id": "e1"}
    store.apply([RunEdited(run_id=run.id, field=field, value=value) for field, value in edits.items()])

    edited = store.run(run.id)

    assert (edited.name, edited.note, edited.starred, edited.environment_id) == ("heron", "why it works", True, "e1")


def test_a_rename_to_a_taken_name_keeps_nothing_of_the_call(store, make_run):
    holder, run = make_run("otter"), make_run("heron")

    with pytest.raises(NameTakenError, match="otter") as caught:
        store.apply(
            [
                RunEdited(run_id=run.id, field="note", value="x"),
                RunEdited(run_id=run.id, field="name", value="otter"),
            ]
        )

    assert caught.value.holder == holder.id
    assert store.run(run.id) == run


def test_a_run_may_be_renamed_to_its_own_name(store, make_run):
    run = make_run("otter")
    store.apply([RunEdited(run_id=run.id, field="name", value="otter")])
    assert store.run(run.id).name == "otter"


@pytest.mark.parametrize(("field", "value"), [("name", "  "), ("name", 3), ("starred", "yes"), ("status", "finished")])
def test_an_edit_that_makes_no_sense_is_refused(store, make_run, field, value):
    run = make_run()
    with pytest.raises(InputError, match=field):
        store.apply([RunEdited(run_id=run.id, field=field, value=value)])
    assert store.run(run.id) == run


def test_tags_come_and_go_and_doubling_them_changes_nothing(store, make_run):
    run = make_run(tags=["best", "baseline"])
    store.apply([TagsChanged(run_id=run.id, added=("best", "sweep"), removed=("baseline", "never-there"))])
    assert store.run(run.id).tags == ("best", "sweep")


def test_changes_to_a_run_that_is_not_there_are_passed_over(store, make_run):
    run = make_run()
    store.apply([TagsChanged(run_id="gone", added=("x",)), TagsChanged(run_id=run.id, added=("y",))])
    assert [one.tags for one in store.runs(RunQuery())] == [("y",)]


# --- finding one ---


def test_a_run_is_found_by_name_and_by_id(store, make_run):
    run = make_run("otter")
    make_run("heron")
    assert store.run("otter") == store.run(run.id) == run


def test_the_beginning_of_an_id_must_be_long_and_belong_to_one_run_only(store, make_run):
    run = make_run("otter")
    assert store.run(run.id[:6]) == run
    with pytest.raises(RunNotFoundError):
        store.run(run.id[:5])
    make_run("heron")
    with pytest.raises(RunNotFoundError):
        store.run(run.id[:6])


def test_a_name_goes_before_an_id(store, make_run):
    first = make_run("otter")
    named_like_it = make_run(first.id)
    assert store.run(first.id) == named_like_it


def test_a_run_that_is_not_there_brings_similar_names(store, make_run):
    make_run("swift-otter")
    with pytest.raises(RunNotFoundError, match="Did you mean 'swift-otter'") as caught:
        store.run("swift-oter")
    assert caught.value.similar == ("swift-otter",)


# --- order and pages ---


def test_runs_come_newest_first_and_in_pages(store, make_run, names_of):
    for name in "abcde":
        make_run(name)
    query = RunQuery(limit=2, offset=1)

    assert [run.name for run in store.runs(query)] == ["d", "c"]
    assert store.count(query) == 5
    assert names_of(sort="-started", limit=10, offset=4) == ["a"]


def test_runs_without_a_value_come_last_in_both_directions(make_run, names_of):
    make_run("none")
    make_run("low", metrics={"acc": 0.1})
    make_run("nan", metrics={"acc": float("nan")})
    make_run("high", metrics={"acc": float("inf")})

    assert names_of(sort="metrics.acc,name") == ["low", "high", "nan", "none"]
    assert names_of(sort="-metrics.acc,name") == ["high", "low", "nan", "none"]


def test_ties_are_broken_by_id_newest_first(make_run, names_of):
    for name in "abc":
        make_run(name, params={"depth": 3})
    assert names_of(sort="params.depth") == ["c", "b", "a"]
    assert names_of(sort="-params.depth") == ["c", "b", "a"]


def test_params_of_mixed_types_sort_numbers_before_texts(make_run, names_of):
    for name, value in {"text": "a", "ten": 10, "two": 2, "yes": True, "null": None}.items():
        make_run(name, params={"x": value})
    assert names_of(sort="params.x") == ["yes", "two", "ten", "text", "null"]
    assert names_of(sort="-params.x") == ["text", "ten", "two", "yes", "null"]


def test_runs_sort_by_the_parts_of_metrics_and_by_fields_of_the_run(make_run, names_of):
    make_run("a", metrics={"loss": [3.0, 1.0, 2.0]}, status="finished", ended=START + 100)
    make_run("b", metrics={"loss": [2.5, 2.5]}, status="finished", ended=START + 200)
    assert names_of(sort="metrics.loss.min") == ["a", "b"]
    assert names_of(sort="metrics.loss.max") == ["b", "a"]
    assert names_of(sort="-metrics.loss.count") == ["a", "b"]
    assert names_of(sort="metrics.loss.mean") == ["a", "b"]
    assert names_of(sort="-duration") == ["b", "a"]


def test_trashed_runs_are_apart_from_the_others(store, make_run):
    run, other = make_run("otter"), make_run("heron")
    store.apply([RunEdited(run_id=run.id, field="trashed", value=START)])
    assert [one.name for one in store.runs(RunQuery())] == ["heron"]
    assert [one.name for one in store.runs(RunQuery(trashed=True))] == ["otter"]

    store.apply([RunEdited(run_id=run.id, field="trashed", value=None)])

    assert store.count(RunQuery()) == 2
    assert store.count(RunQuery(trashed=True)) == 0
    assert store.run(other.id).name == "heron"


# --- noticing changes ---


def test_every_change_to_a_run_raises_its_revision(store, make_run):
    first, second = make_run("a"), make_run("b")
    before = store.revision()

    store.apply([TagsChanged(run_id=first.id, added=("x",))])

    assert store.revision() > before
    assert store.changed_since(before) == [first.id]
    assert store.changed_since(0) == [second.id, first.id]
    assert store.run(first.id).revision == store.revision()


def test_runs_changed_in_one_call_come_in_the_order_of_their_changes(store, make_run):
    first, second = make_run("a"), make_run("b")
    before = store.revision()
    store.apply([TagsChanged(run_id=run.id, added=("x",)) for run in (second, first, second)])
    assert store.changed_since(before) == [second.id, first.id]


def test_the_change_mark_moves_when_another_connection_has_written(engine, store, make_run):
    make_run("a")
    viewer = engine.open(read_only=True)
    mark = viewer.change_mark()
    assert viewer.change_mark() == mark

    make_run("b")

    assert viewer.change_mark() != mark


def test_names_are_those_of_runs_outside_the_trash(store, make_run):
    make_run(params={"lr": 1, "depth": 2}, metrics={"acc": 1}, tags=["best"], notebook="train.ipynb")
    gone = make_run(params={"old": 1}, metrics={"old": 1}, tags=["old"], notebook="old.ipynb")
    store.apply([RunEdited(run_id=gone.id, field="trashed", value=START)])

    names = store.names()

    assert (names.params, names.metrics) == (("depth", "lr"), ("acc",))
    assert (names.tags, names.notebooks) == (("best",), ("train.ipynb",))


def test_text_that_no_encoding_has_bytes_for_does_not_stop_a_transaction(store, make_run):
    """File names and outputs can hold halves of surrogate pairs."""
    run = make_run("ot\udcffter", params={"p\udcff": "v\udcff"}, metrics={"m\udcff": 1.0}, tags=["t\udcff"])
    assert (run.name, run.tags) == ("ot?ter", ("t?",))
    assert [(p.key, p.value) for p in store.params([run.id])] == [("p?", "v?")]
    assert store.series(run.id, "m\udcff").values.tolist() == [1.0]
    assert store.run("ot\udcffter") == run
