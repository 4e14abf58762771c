"""What a user of ``start_run`` and ``Run`` sees."""

from __future__ import annotations

import asyncio
import math
import random
import signal
import threading
from collections import UserDict
from types import MappingProxyType

import numpy as np
import pytest

import nbtrail as nt
from nbtrail.errors import NbtrailWarning
from nbtrail.store.protocol import RunQuery

ALL = RunQuery(sort=(("started", False),))


def test_a_run_keeps_its_params_metrics_tags_and_note(project, read):
    with nt.start_run("depth six", params={"lr": 0.01}, tags=["sweep"], note="first try") as run:
        run.log({"loss": 0.5}, step=0)
        run.log({"loss": 0.25}, step=1)

    stored = read(lambda store: store.run("depth six"))
    assert (stored.status, stored.tags, stored.note) == ("finished", ("sweep",), "first try")
    (param,) = read(lambda store: store.params([run.id]))
    assert (param.key, param.value, param.origin) == ("lr", 0.01, "logged")
    (metric,) = read(lambda store: store.metrics([run.id]))
    assert (metric.last, metric.min, metric.max, metric.mean, metric.count) == (0.25, 0.25, 0.5, 0.375, 2)


def test_the_last_value_of_a_param_wins_and_the_first_is_kept(project, read):
    """Running a cell again with another value is normal in a notebook."""
    with nt.start_run(params={"lr": 0.1}) as run:
        run.set_params({"lr": 0.01})

    (param,) = read(lambda store: store.params([run.id]))
    assert (param.value, param.earlier) == (0.01, (0.1,))


def test_points_whose_step_goes_back_or_repeats_are_all_kept(project, read):
    with nt.start_run() as run:
        for step in (5, 3, 3, 9):
            run.log({"loss": step / 10}, step=step)

    series = read(lambda store: store.series(run.id, "loss"))
    assert list(zip(series.steps, series.values, strict=True)) == [(5, 0.5), (3, 0.3), (3, 0.3), (9, 0.9)]


def test_without_a_step_each_metric_counts_on_from_its_own_last_one(project, read):
    with nt.start_run() as run:
        run.log({"loss": 1.0})
        run.log({"loss": 0.5, "acc": 0.9})

    steps = {key: list(read(lambda store, key=key: store.series(run.id, key)).steps) for key in ("loss", "acc")}
    assert steps == {"loss": [0, 1], "acc": [0]}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_survive_exactly(project, read, value):
    with nt.start_run() as run:
        run.log({"loss": value})

    assert repr(float(read(lambda store: store.series(run.id, "loss")).values[0])) == repr(value)
    assert repr(read(lambda store: store.metrics([run.id]))[0].last) == repr(value)


def test_an_exception_fails_the_run_and_reaches_the_user_unchanged(project, read):
    with pytest.raises(ValueError, match="shapes"), nt.start_run("broken"):
        raise ValueError("shapes do not match")

    stored = read(lambda store: store.run("broken"))
    assert (stored.status, stored.error) == ("failed", "ValueError: shapes do not match")


def test_an_interrupt_is_told_from_a_failure(project, read):
    with pytest.raises(KeyboardInterrupt), nt.start_run("stopped"):
        raise KeyboardInterrupt

    assert read(lambda store: store.run("stopped")).status == "interrupted"


def test_several_runs_in_a_row_all_finish(project, read):
    for depth in range(3):
        with nt.start_run(f"depth-{depth}"):
            pass

    assert [run.status for run in read(lambda store: store.runs(ALL))] == ["finished"] * 3


def test_a_run_left_open_is_closed_as_interrupted_when_the_next_one_starts(project, read):
    nt.start_run("stray")
    with pytest.warns(NbtrailWarning, match="'stray' was still open"):
        following = nt.start_run("next")
    following.finish()

    assert [run.status for run in read(lambda store: store.runs(ALL))] == ["interrupted", "finished"]


def test_runs_of_several_threads_at_once_do_not_close_each_other(project, read):
    """Each starts while another has been started but not yet entered."""
    meeting = threading.Barrier(4, timeout=120)

    def work(number):
        meeting.wait()
        run = nt.start_run(f"worker-{number}")
        meeting.wait()
        with run:
            nt.active_run().log({"number": number})

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]

    runs = read(lambda store: store.runs(ALL))
    assert [run.status for run in runs] == ["finished"] * 4
    for run in runs:
        (metric,) = read(lambda store, run=run: store.metrics([run.id]))
        assert run.name == f"worker-{metric.last:.0f}"


def test_a_run_within_a_run_is_its_child(project, read):
    with nt.start_run("sweep") as outer, nt.start_run("trial"):
        pass

    assert read(lambda store: store.run("trial")).parent_id == outer.id


def test_a_name_in_use_gets_a_number_and_the_user_is_told(project):
    with nt.start_run("warmup"):
        pass
    with pytest.warns(NbtrailWarning, match="'warmup' is taken; this run is 'warmup-2'"), nt.start_run("warmup") as run:
        pass

    assert run.name == "warmup-2"


def test_making_up_a_name_leaves_the_random_numbers_of_the_user_alone(project):
    random.seed(1)
    expected = [random.random(), random.random()]
    random.seed(1)
    found = [random.random()]
    with nt.start_run():
        found.append(random.random())

    assert found == expected


def test_a_param_that_is_no_json_is_kept_as_its_text_and_said_once(project, read):
    model = object()
    with nt.start_run() as run:
        with pytest.warns(NbtrailWarning, match="param 'model' is no JSON") as said:
            run.set_params({"model": model})
            run.set_params({"model": [model]})
        assert len(said) == 1

    (param,) = read(lambda store: store.params([run.id]))
    assert (param.value, param.as_text, param.earlier) == ([str(model)], True, (str(model),))


def test_a_metric_that_is_no_number_is_left_out_and_the_others_are_kept(project, read):
    with nt.start_run() as run, pytest.warns(NbtrailWarning, match="metric 'acc' was not recorded: 'high'"):
        run.log({"acc": "high", "loss": np.float32(0.5)})

    assert [metric.key for metric in read(lambda store: store.metrics([run.id]))] == ["loss"]


@pytest.mark.parametrize(("step", "kept"), [(1.7, 1), (2**70, 2**63 - 1), (-(2**70), -(2**63)), (np.float64(2.5), 2)])
@pytest.mark.parametrize("value", [0.5, 1])
def test_a_step_that_is_no_whole_number_of_64_bits_is_kept_as_the_nearest_and_said_once(
    project, read, step, kept, value
):
    with nt.start_run() as run, pytest.warns(NbtrailWarning, match=rf"step .* was recorded as {kept}") as said:
        run.log({"loss": value}, step=3)
        run.log({"loss": value}, step=step)
        run.log({"loss": value}, step=step)

    assert len(said) == 1
    assert list(read(lambda store: store.series(run.id, "loss")).steps) == [3, kept, kept]


@pytest.mark.parametrize("tags", ["best", ["best"], iter(["best"]), {"best": 1}, np.array(["best"])])
def test_one_text_is_one_tag_and_a_list_is_its_tags(project, read, tags):
    with nt.start_run("a", tags=tags) as run:
        run.add_tags(["u", "v"], "w")
        run.remove_tags(("v", "w"))

    assert read(lambda store: store.run("a")).tags == ("best", "u")


@pytest.mark.parametrize(("name", "kept"), [(5, "5"), (" wide ", "wide")])
def test_a_name_is_a_text_without_space_around_it(project, name, kept):
    with nt.start_run(name) as run:
        assert run.name == kept


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_none(project, name):
    with nt.start_run(name) as run:
        assert run.name.strip()


@pytest.mark.parametrize("method", ["log", "set_params"])
def test_values_without_names_are_refused_with_an_example(project, method):
    with nt.start_run() as run, pytest.warns(NbtrailWarning, match=rf"as in run\.{method}\("):
        getattr(run, method)(0.9)


def test_a_warning_never_becomes_an_exception_in_the_users_loop(project, capsys):
    """Even where the user asked for warnings to raise."""
    with nt.start_run() as run:
        run.log({"acc": "high"})

    assert "metric 'acc' was not recorded" in capsys.readouterr().err


def test_a_worker_thread_sees_the_run_of_its_process(project):
    seen = []
    with nt.start_run() as run:
        worker = threading.Thread(target=lambda: seen.append(nt.active_run()))
        worker.start()
        worker.join()

    assert seen == [run]


def test_a_run_may_be_finished_in_another_task_or_thread_than_it_was_entered_in(project):
    async def end(run):
        run.finish()

    with nt.start_run() as first:
        asyncio.run(end(first))
    with nt.start_run() as second:
        worker = threading.Thread(target=second.finish)
        worker.start()
        worker.join()
        assert nt.active_run() is None

    assert (first.status, second.status, nt.active_run()) == ("finished", "finished", None)


def test_outside_of_runs_no_run_is_active_and_reading_makes_none(project):
    assert nt.active_run() is None
    assert not project.exists


def test_progress_is_a_plain_loop_with_or_without_a_run(project):
    assert list(nt.progress(range(3))) == [0, 1, 2]
    with nt.start_run() as run:
        assert list(nt.progress(iter("ab"), total=2)) == ["a", "b"]
    assert (run.snapshot().step, run.snapshot().total) == (2, 2)


def test_a_curve_of_any_length_stays_small_on_the_card_and_keeps_its_extremes(project):
    with nt.start_run() as run:
        for step in range(5000):
            run.log({"loss": 99.0 if step == 2345 else 1.0})
        (curve,) = run.snapshot().curves

    assert len(curve.steps) <= 300
    assert (curve.steps[0], curve.steps[-1]) == (0, 4999)
    assert max(curve.values) == 99.0


def test_the_environment_is_recorded(project, read):
    with nt.start_run() as run:
        pass

    environment = read(lambda store: store.environment(store.run(run.id).environment_id))
    assert environment.packages["numpy"] == np.__version__


def test_steps_go_on_from_where_a_forked_or_interrupting_call_left_them(project, read):
    """A number that logs while it is looked at comes between a call's steps and its row."""

    class Chatty:
        def item(self):
            run.log({"loss": 0.5})
            return 1.0

    with nt.start_run("chatty") as run:
        run.log({"loss": 0.1})
        run.log({"other": Chatty(), "loss": 0.2})
        run.log({"loss": 0.3}, step=10)
        run.log({"loss": 0.4})

    steps = read(lambda store: store.series(run.id, "loss")).steps.tolist()
    assert steps[-2:] == [10, 11]
    assert len(steps) == len(set(steps))


def test_mappings_of_every_kind_are_taken_and_what_raises_is_refused(project, read):
    class Nameless:
        def __str__(self):
            raise RuntimeError("no name")

    with nt.start_run("odd") as run, pytest.warns(NbtrailWarning):
        run.log(UserDict({"acc": 0.5}))
        run.log({Nameless(): "no number", "acc": 0.6})
        run.log(MappingProxyType({"acc": 0.7}))

    assert read(lambda store: store.series(run.id, "acc")).values.tolist() == [0.5, 0.6, 0.7]


# Python itself passes over what a handler raises inside a finalizer, and tells of it; the next alarm counts.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_timeout_that_a_signal_handler_raises_reaches_the_user(project):
    """``TimeoutError`` is an ``OSError``: it must not be taken for trouble with the journal."""

    def give_up(*_):
        raise TimeoutError("the cell takes too long")

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        with nt.start_run("long") as run:
            with pytest.raises(TimeoutError):
                _log_until_the_alarm(run)
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


def _log_until_the_alarm(run):
    signal.setitimer(signal.ITIMER_REAL, 0.05, 1.0)
    for step in range(3_000_000):
        run.log({"loss": 0.5}, step=step)


def test_runs_of_threads_that_follow_each_other_do_not_end_each_other(project, read):
    """The system gives the number of a thread that has ended to the next one."""
    for number in range(4):
        thread = threading.Thread(target=lambda number=number: nt.start_run(f"thread-{number}").log({"x": number}))
        thread.start()
        thread.join()

    assert {run.status for run in read(lambda store: store.runs(RunQuery()))} == {"running"}
