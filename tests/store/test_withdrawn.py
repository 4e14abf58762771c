"""Values that are taken back. Every engine keeps this contract."""

from __future__ import annotations

from nbtrail.changes import ParamSet, PointsLogged, ValuesWithdrawn
from tests.store.conftest import START


def set_param(run, key, value, *, origin="inferred"):
    return ParamSet(run_id=run.id, key=key, value=value, at=START, origin=origin)


def log_point(run, key, step, value, *, origin="inferred"):
    return PointsLogged.of(run_id=run.id, at=START + step, points=((key, step, value),), origin=origin)


def test_inferred_params_that_are_withdrawn_go_with_their_history(store, make_run):
    run = make_run()
    store.apply([set_param(run, "lr", 0.1), set_param(run, "lr", 0.2), set_param(run, "depth", 6)])
    store.apply([ValuesWithdrawn(run_id=run.id, keys=("lr",))])
    assert [param.key for param in store.params([run.id])] == ["depth"]

    store.apply([set_param(run, "lr", 0.3)])

    assert [param.earlier for param in store.params([run.id]) if param.key == "lr"] == [()]


def test_inferred_metrics_that_are_withdrawn_go_with_all_their_points(store, make_run):
    run = make_run()
    store.apply([log_point(run, key, step, 0.5) for key in ("acc", "gap") for step in range(3)])

    store.apply([ValuesWithdrawn(run_id=run.id, keys=("gap",))])

    assert [metric.key for metric in store.metrics([run.id])] == ["acc"]
    assert len(store.series(run.id, "gap").steps) == 0
    assert len(store.series(run.id, "acc").steps) == 3


def test_points_of_the_same_batch_are_withdrawn_too_and_later_ones_begin_anew(store, make_run):
    """A journal that is replayed brings all of it at once."""
    run = make_run()
    withdrawn = ValuesWithdrawn(run_id=run.id, keys=("gap",))

    store.apply([log_point(run, "gap", 0, 1.0), withdrawn, log_point(run, "gap", 1, 3.0)])

    (metric,) = store.metrics([run.id])
    assert (metric.count, metric.min, metric.last_step) == (1, 3.0, 1)
    assert store.series(run.id, "gap").values.tolist() == [3.0]


def test_logged_values_of_a_name_that_is_withdrawn_stay(store, make_run):
    run = make_run()
    logged = [set_param(run, "lr", 0.1, origin="logged"), log_point(run, "acc", 0, 0.9, origin="logged")]
    store.apply(logged)

    store.apply([ValuesWithdrawn(run_id=run.id, keys=("lr", "acc"))])

    assert [param.key for param in store.params([run.id])] == ["lr"]
    assert store.series(run.id, "acc").values.tolist() == [0.9]


def test_a_name_may_be_an_inferred_param_and_a_logged_metric(store, make_run):
    run = make_run()
    store.apply([set_param(run, "depth", 6), log_point(run, "depth", 0, 6.0, origin="logged")])

    store.apply([ValuesWithdrawn(run_id=run.id, keys=("depth",))])

    assert store.params([run.id]) == []
    assert store.series(run.id, "depth").values.tolist() == [6.0]


def test_only_the_run_that_is_named_gives_values_back(store, make_run):
    run, other = make_run(), make_run()
    store.apply([set_param(run, "lr", 0.1), set_param(other, "lr", 0.2)])

    store.apply([ValuesWithdrawn(run_id=run.id, keys=("lr",))])

    assert [param.run_id for param in store.params([run.id, other.id])] == [other.id]


def test_names_and_runs_that_are_not_there_are_passed_over(store, make_run):
    run = make_run(params={"lr": 0.1})

    store.apply([ValuesWithdrawn(run_id=run.id, keys=("never there",)), ValuesWithdrawn(run_id="gone", keys=("lr",))])

    assert [param.key for param in store.params([run.id])] == ["lr"]


def test_a_withdrawal_is_a_change_of_the_run(store, make_run):
    run = make_run()
    store.apply([set_param(run, "lr", 0.1)])
    before = store.revision()

    store.apply([ValuesWithdrawn(run_id=run.id, keys=("lr",))])

    assert store.revision() > before
    assert store.run(run.id).revision == store.revision()
