"""Workers, threads, tasks and children of every kind log, and leave the process as they found it."""

from __future__ import annotations

import textwrap

import pytest

from nbtrail.store.protocol import RunQuery

POOL = """
import multiprocessing, sys
import nbtrail as nt

def work(number):
    with nt.start_run(f"worker-{number}") as run:
        for step in range(20):
            run.log({"loss": step / 7}, step=step)
    return number

if __name__ == "__main__":
    with nt.start_run("parent") as run:
        run.log({"loss": 0.0}, step=0)
        with multiprocessing.get_context(METHOD).Pool(3) as pool:
            print(sorted(pool.map(work, range(6))))
        run.log({"loss": 1 / 7}, step=1)
"""


@pytest.fixture
def script(project, python, tmp_path):
    """Runs a script to its end, and returns what it printed."""

    def run(source):
        # A file of its own: workers that are spawned load it again.
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        started = python(f"import os, sys; os.execv(sys.executable, [sys.executable, {str(path)!r}])")
        printed = started.communicate(timeout=120)[0]
        assert started.returncode == 0
        return printed

    return run


@pytest.fixture
def steps(read):
    """The steps of a run's metric: ``steps("name")``."""

    def find(name, key="loss"):
        return read(lambda store: store.series(store.run(name).id, key).steps.tolist())

    return find


@pytest.fixture
def statuses(read):
    """Every run's status."""
    return lambda: {run.name: run.status for run in read(lambda store: store.runs(RunQuery()))}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_pool_have_runs_of_their_own(script, steps, statuses, method):
    printed = script(POOL.replace("METHOD", repr(method)))

    assert printed == "[0, 1, 2, 3, 4, 5]\n"
    # A pool ends its workers with a signal: their runs are finished, their sessions say no goodbye.
    assert statuses() == {"parent": "finished", **{f"worker-{number}": "finished" for number in range(6)}}
    assert steps("parent") == [0, 1]
    assert all(steps(f"worker-{number}") == list(range(20)) for number in range(6))


def test_a_fork_in_one_thread_while_another_logs_neither_hangs_nor_loses_a_point(script, steps):
    """Whatever lock the other thread holds at that moment."""
    logged = script("""
        import itertools, os, threading, warnings
        import nbtrail as nt
        warnings.simplefilter("ignore", DeprecationWarning)
        done = threading.Event()
        with nt.start_run("parent") as run:
            def log():
                for step in itertools.count():
                    run.log({"loss": step / 7}, step=step)
                    if done.is_set():
                        print(step + 1)
                        break
            thread = threading.Thread(target=log)
            thread.start()
            for number in range(20):
                child = os.fork()
                if child == 0:
                    run.log({"child": float(number)}, step=number)
                    run.recorder.flush()
                    os._exit(0)
                assert os.waitpid(child, 0)[1] == 0
            done.set()
            thread.join()
    """)

    everything_is_there = steps("parent") == list(range(int(logged)))
    assert everything_is_there
    assert sorted(steps("parent", "child")) == list(range(20))


def test_children_begin_runs_of_their_own_while_the_parents_writer_is_at_work(script, steps):
    """SQLite's locks that a thread of the parent holds at the fork would be held in the child for ever."""
    script("""
        import os, threading, time, warnings
        import nbtrail as nt
        warnings.simplefilter("ignore", DeprecationWarning)
        done = threading.Event()
        run = nt.start_run("parent")
        def log():
            while not done.is_set():
                run.log({"loss": 1.0})
                time.sleep(0.0002)
        thread = threading.Thread(target=log)
        thread.start()
        children = []
        for number in range(40):
            time.sleep(0.005)
            child = os.fork()
            if child == 0:
                with nt.start_run(f"child-{number}") as own:
                    own.log({"loss": 1.0}, step=number)
                os._exit(0 if own.recorder.project.open().series(own.id, "loss").steps.size else 9)
            children.append(child)
        assert {os.waitpid(child, 0)[1] for child in children} == {0}
        done.set()
        thread.join()
    """)

    assert [steps(f"child-{number}") for number in range(40)] == [[number] for number in range(40)]


def test_a_child_that_is_killed_or_leaves_without_a_goodbye_has_kept_what_it_logged(script, steps, statuses):
    script("""
        import os, signal, warnings
        import nbtrail as nt
        warnings.simplefilter("ignore", DeprecationWarning)
        with nt.start_run("parent") as run:
            for number, end in enumerate((lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL))):
                child = os.fork()
                if child == 0:
                    for step in range(50):
                        run.log({f"child-{number}": step / 7}, step=step)
                    end()
                os.waitpid(child, 0)
    """)

    assert statuses() == {"parent": "finished"}
    assert steps("parent", "child-0") == steps("parent", "child-1") == list(range(50))


def test_loader_workers_that_log_from_every_batch_hang_nobody(script, steps):
    """As a torch DataLoader does it: forked workers, queues, and an end by a sentinel."""
    script("""
        import multiprocessing, queue
        import nbtrail as nt
        context = multiprocessing.get_context("fork")
        def load(worker, wanted, loaded):
            while (batch := wanted.get()) is not None:
                nt.active_run().log({f"read-{worker}": float(batch)}, step=batch)
                loaded.put(batch)
        with nt.start_run("training") as run:
            wanted, loaded = context.Queue(), context.Queue()
            workers = [context.Process(target=load, args=(n, wanted, loaded), daemon=True) for n in range(2)]
            [worker.start() for worker in workers]
            for batch in range(40):
                wanted.put(batch)
            for _ in range(40):
                run.log({"loss": loaded.get(timeout=60) / 7})
            [wanted.put(None) for _ in workers]
            [worker.join(60) for worker in workers]
            assert [worker.exitcode for worker in workers] == [0, 0]
    """)

    assert len(steps("training")) == 40
    assert sorted(steps("training", "read-0") + steps("training", "read-1")) == list(range(40))


def test_sixty_four_threads_log_to_one_run_and_to_runs_of_their_own(script, steps, statuses):
    script("""
        from concurrent.futures import ThreadPoolExecutor
        import nbtrail as nt
        with nt.start_run("shared") as shared, ThreadPoolExecutor(64) as pool:
            def work(number):
                with nt.start_run(f"own-{number}") as own:
                    for step in range(100):
                        own.log({"loss": step / 7}, step=step)
                        shared.log({f"of-{number}": step / 7}, step=step)
            list(pool.map(work, range(64)))
    """)

    assert set(statuses().values()) == {"finished"}
    assert len(statuses()) == 65
    for number in (0, 31, 63):
        assert steps(f"own-{number}") == steps("shared", f"of-{number}") == list(range(100))


def test_tasks_have_the_runs_that_they_entered(script, steps):
    script("""
        import asyncio
        import nbtrail as nt
        async def work(number):
            with nt.start_run(f"task-{number}"):
                for step in range(10):
                    nt.active_run().log({"loss": step / 7}, step=step)
                    await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*(work(number) for number in range(20)))
        asyncio.run(main())
    """)

    assert all(steps(f"task-{number}") == list(range(10)) for number in range(20))


def test_handlers_of_several_signals_that_log_while_threads_log_lose_nothing(script, steps):
    printed = script("""
        import itertools, os, signal, threading
        import nbtrail as nt
        heard = itertools.count()
        with nt.start_run("signals") as run:
            def hear(*_):
                run.log({"heard": 1.0}, step=next(heard))
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
                signal.signal(number, hear)
            def send():
                for _ in range(200):
                    os.kill(os.getpid(), signal.SIGUSR1)
                    os.kill(os.getpid(), signal.SIGUSR2)
                    run.log({"sent": 1.0})
            sender = threading.Thread(target=send)
            sender.start()
            signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
            step = 0
            while sender.is_alive():
                run.log({"loss": step / 7}, step=step)
                step += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
                signal.signal(number, signal.SIG_IGN)
        print(next(heard), step)
    """)
    heard, logged = map(int, printed.split())

    assert heard > 0
    assert sorted(steps("signals", "heard")) == list(range(heard))
    assert steps("signals") == list(range(logged))
    assert len(steps("signals", "sent")) == 200
