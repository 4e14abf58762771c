"""What is measured of the machine while runs go on."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import nbtrail as nt
from nbtrail.cli import main
from nbtrail.errors import MetricNotFoundError, NbtrailWarning
from nbtrail.project import find_project
from nbtrail.tracking.environment.hardware import hardware
from nbtrail.tracking.gpus import Gpus, opened_gpus
from nbtrail.tracking.state import process
from nbtrail.tracking.system_metrics.machine import Machine, Reading

OF_EVERY_SYSTEM = {"system/cpu_percent", "system/process_cpu_percent", "system/memory_percent", "system/memory_gb"}


@pytest.fixture
def sampled(project):
    """A finished run that went on for long enough to be sampled, with a metric of its own."""
    with nt.start_run("sampled") as run:
        run.log({"acc": 0.5})
        wait_for_samples(run)
        run.log({"acc": 0.9})
    return run


def wait_for_samples(run):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not has_samples(run):
        time.sleep(0.1)


def has_samples(run):
    return any(name.startswith("metrics.system/") for name in nt.runs(f'id == "{run.id}"', system=True))


def settings(text):
    (find_project().folder / "settings.toml").write_text(text)


def threads():
    return [thread.name for thread in threading.enumerate() if thread.name == "nbtrail-system"]


# --- what is recorded ------------------------------------------------------------------------------


def test_a_run_has_its_system_metrics(sampled, read):
    found = {one.key: one for one in read(lambda store: store.metrics([sampled.id], system=True))}

    assert found.keys() >= OF_EVERY_SYSTEM
    one = found["system/memory_gb"]
    assert (one.origin, one.reason, one.execution_id) == ("system", "sampled in the background every 10 s", None)
    assert one.last_step >= 1
    assert 0.01 < one.last < 100
    assert 0 <= found["system/cpu_percent"].last <= 100


def test_a_run_that_is_over_at_once_has_none(project, read):
    with nt.start_run() as run:
        run.log({"acc": 0.9})

    assert [one.key for one in read(lambda store: store.metrics([run.id], system=True))] == ["acc"]


def test_their_history_counts_seconds(sampled):
    frame = nt.history(["sampled"], "system/memory_percent")

    assert frame["step"].tolist()[:1] == [1]
    assert frame["value"].between(0, 100).all()


def test_runs_can_be_found_by_them(sampled):
    assert nt.runs('metrics["system/memory_gb"].max > 0.001')["name"].tolist() == ["sampled"]
    assert nt.runs('metrics["system/memory_gb"].max > 5000').empty


def test_a_run_that_is_shown_has_them_behind_its_own(sampled, capsys):
    main(["show", "sampled"], standalone_mode=False)

    shown = capsys.readouterr().out
    assert 0 < shown.index("acc") < shown.index("system/cpu_percent")


# --- where they do not show ------------------------------------------------------------------------


def test_the_live_card_does_not_know_of_them(project):
    with nt.start_run() as run:
        wait_for_samples(run)
        before = run.changes
        snapshot = run.snapshot()

    assert (snapshot.metrics, snapshot.curves, before) == ((), (), 0)


def test_the_table_of_runs_has_them_only_on_request(sampled):
    assert [name for name in nt.runs().columns if name.startswith("metrics.")] == ["metrics.acc"]
    assert "metrics.system/memory_gb" in nt.runs(system=True).columns


def test_a_difference_says_nothing_of_them(sampled, project):
    with nt.start_run("other") as run:
        run.log({"acc": 0.7})

    assert [row.name for row in nt.diff("sampled", "other").rows if row.level == "metrics"] == ["metrics.acc"]


def test_a_comparison_draws_them_only_when_asked(sampled):
    usual = nt.compare("sampled").to_dict()

    assert "system/" not in str(usual)
    assert "system/memory_gb" in str(nt.compare("sampled", metric="system/memory_gb").to_dict())


def test_a_metric_that_is_not_there_is_answered_without_them(sampled):
    with pytest.raises(MetricNotFoundError) as caught:
        nt.history(["sampled"], "accuracy")

    assert "acc" in str(caught.value)
    assert "system/" not in str(caught.value)


# --- when they are off -----------------------------------------------------------------------------


def test_a_project_can_switch_them_off(project):
    settings("[system_metrics]\nenabled = false\n")
    with nt.start_run() as run:
        run.recorder.flush()
        assert threads() == []


def test_a_variable_switches_them_off_everywhere(project, monkeypatch):
    monkeypatch.setenv("NBTRAIL_SYSTEM_METRICS", "0")
    with nt.start_run() as run:
        run.recorder.flush()
        assert threads() == []


def test_a_project_says_how_often(project):
    settings("[system_metrics]\ninterval_s = 30\n")

    assert find_project().settings().system_interval_s == 30


@pytest.mark.parametrize("interval", ["0.5", "-1", "'often'", "true", "nan"])
def test_an_interval_that_is_none_is_said(project, interval):
    settings(f"[system_metrics]\ninterval_s = {interval}\n")

    assert "system_metrics.interval_s is a number of seconds, at least 1" in str(find_project().settings_problem())


def test_switching_them_off_is_kept_when_the_settings_are_saved(project):
    settings("[system_metrics]\nenabled = false  # too noisy\ninterval_s = 30\n")
    project.save_settings(find_project().settings().watching(metrics=["lr"]))

    text = (project.folder / "settings.toml").read_text()
    assert "enabled = false  # too noisy" in text
    assert "interval_s = 30" in text


def test_the_first_sample_is_whole_also_right_after_another_run(project, read):
    with nt.start_run() as before:
        before.recorder.flush()
    with nt.start_run() as run:
        wait_for_samples(run)

    counts = {one.key: one.count for one in read(lambda store: store.metrics([run.id], system=True))}
    assert counts.keys() >= OF_EVERY_SYSTEM
    assert len(set(counts.values())) == 1


# --- the thread ------------------------------------------------------------------------------------


def test_the_thread_is_there_only_while_runs_are_open(project):
    with nt.start_run("outer") as outer:
        outer.recorder.flush()
        with nt.start_run("inner") as inner:
            inner.recorder.flush()
            assert len(threads()) == 1
        assert len(threads()) == 1
    deadline = time.monotonic() + 120
    while threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads() == []


def test_a_thousand_runs_leave_no_thread_and_no_descriptor(project):
    script = """
import os, threading, time, nbtrail as nt
def count():
    return len(threading.enumerate()), len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
def settle():
    for recorder in tuple(__import__("nbtrail.tracking.state").tracking.state.process.recorders.values()):
        recorder.flush(60)
    time.sleep(0.5)
with nt.start_run(): pass
settle()
before = count()
for _ in range(1000):
    with nt.start_run(): pass
settle()
print(before == count(), before, count())
"""
    done = run_script(script, project)

    assert done.stdout.startswith("True"), done


def test_a_forked_child_has_no_sampler_and_its_own_runs_get_one(project):
    script = """
import os, threading, nbtrail as nt
def sampling():
    return [thread.name for thread in threading.enumerate()].count("nbtrail-system")
with nt.start_run("parent") as run:
    run.recorder.flush()
    in_parent = sampling()
    child = os.fork()
    if child == 0:
        alone = sampling()
        with nt.start_run("child") as own:
            own.recorder.flush()
            print(in_parent, alone, sampling(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
    done = run_script(script, project, "-W", "ignore::DeprecationWarning")

    assert done.stdout == "1 0 1\n", done


def test_a_reading_that_fails_is_said_once_and_the_run_goes_on(project, monkeypatch):
    monkeypatch.setattr(process, "sampler", type(process.sampler)())
    monkeypatch.setattr(psutil, "cpu_times", lambda: 1 / 0)
    with pytest.warns(NbtrailWarning, match="system metrics are off from here on") as said, nt.start_run() as run:
        deadline = time.monotonic() + 120
        while not said.list and time.monotonic() < deadline:
            time.sleep(0.05)
        run.log({"acc": 0.9})

    assert (len(said.list), run.status) == (1, "finished")


# --- the machine -----------------------------------------------------------------------------------


def test_what_is_counted_is_counted_from_the_start_and_is_never_less_than_nothing():
    start = Reading(at_s=0.0, counted_mb={"system/disk_read_mb": 100.0, "system/network_sent_mb": 7.0})
    later = Reading(
        at_s=10.0,
        now={"system/cpu_percent": 50.0},
        counted_mb={"system/disk_read_mb": 103.5, "system/network_sent_mb": 2.0},
    )

    assert later.since(start) == {
        "system/cpu_percent": 50.0,
        "system/disk_read_mb": 3.5,
        "system/network_sent_mb": 0.0,
    }


def test_the_load_of_processors_is_known_from_the_second_reading_on():
    machine = Machine()
    first = machine.read()
    deadline = time.process_time() + 0.2
    while time.process_time() < deadline:
        math.sqrt(2)
    second = machine.read()

    assert "system/process_cpu_percent" not in first.now
    assert second.now["system/process_cpu_percent"] > 1
    assert 0 < second.now["system/cpu_percent"] <= 100


def test_the_users_own_question_to_psutil_is_not_disturbed():
    """``psutil.cpu_percent`` measures since the last time that anyone asked."""
    before = dict(psutil._last_cpu_times)
    Machine().read()

    assert psutil._last_cpu_times == before


# --- GPUs ------------------------------------------------------------------------------------------


class StandIn:
    """Answers as NVML does on a machine with two GPUs, of which the second one measures no power."""

    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    nvmlDeviceGetCount = staticmethod(lambda: 2)  # noqa: N815 - NVML's names
    nvmlDeviceGetHandleByIndex = staticmethod(lambda number: number)  # noqa: N815
    nvmlSystemGetDriverVersion = staticmethod(lambda: b"550.54")  # noqa: N815
    nvmlDeviceGetName = staticmethod(lambda gpu: f"Tesla T{gpu}")  # noqa: N815
    nvmlDeviceGetTemperature = staticmethod(lambda gpu, sensor: 40 + gpu)  # noqa: N815
    nvmlDeviceGetUtilizationRates = staticmethod(lambda gpu: SimpleNamespace(gpu=90 - gpu, memory=5))  # noqa: N815
    nvmlDeviceGetMemoryInfo = staticmethod(  # noqa: N815
        lambda gpu: SimpleNamespace(total=16_000_000_000, used=2_500_000_000, free=13_500_000_000)
    )

    @staticmethod
    def nvmlDeviceGetPowerUsage(gpu):  # noqa: N802
        if gpu == 1:
            raise StandIn.NVMLError
        return 71_500


def test_gpus_are_described_and_measured_and_what_one_does_not_tell_is_left_out():
    gpus = Gpus(StandIn)

    assert gpus.describe() == {
        "gpus": [
            {"name": "Tesla T0", "memory_bytes": 16_000_000_000},
            {"name": "Tesla T1", "memory_bytes": 16_000_000_000},
        ],
        "gpu_driver": "550.54",
    }
    assert gpus.measure() == {
        "gpu0_percent": 90.0, "gpu0_memory_gb": 2.5, "gpu0_power_w": 71.5, "gpu0_temperature_c": 40.0,
        "gpu1_percent": 89.0, "gpu1_memory_gb": 2.5, "gpu1_temperature_c": 41.0,
    }  # fmt: skip


def test_gpus_show_where_there_are_some_and_only_there():
    """The truth of the machine that the tests run on: NVML's own count, none where it is not there."""
    try:
        import pynvml

        pynvml.nvmlInit()
        expected = pynvml.nvmlDeviceGetCount()
        pynvml.nvmlShutdown()
    except Exception:  # noqa: BLE001 - without the package, the driver or a GPU
        expected = 0

    hardware.cache_clear()
    assert len(hardware().get("gpus", [])) == expected
    with opened_gpus() as gpus:
        names = {key for key in Machine(lambda: gpus).read().now if key.startswith("system/gpu")}
    assert {f"system/gpu{number}_memory_gb" for number in range(expected)} == {
        name for name in names if name.endswith("_memory_gb")
    }


def run_script(source, project, *options):
    environ = {**os.environ, "PYTHONPATH": str(Path(nt.__file__).parents[1])}
    return subprocess.run(
        [sys.executable, *options, "-c", source],
        cwd=project.root, env=environ, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
