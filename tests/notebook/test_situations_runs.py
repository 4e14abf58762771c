"""Runs that do not fit their cell: what is recorded of them, as docs/situations.md says."""

from __future__ import annotations

import nbtrail as nt


def status(notebook):
    return {run.name: run.status for run in notebook.runs()}


def test_several_runs_in_one_cell(notebook):
    source = (
        "import nbtrail as nt\nfor lr in (0.1, 0.2, 0.3):\n"
        "    with nt.start_run(f'lr {lr}', params={'lr': lr}) as run:\n        run.log({'loss': lr * 2})"
    )
    assert notebook.run(source).error is None

    assert status(notebook) == {"lr 0.1": "finished", "lr 0.2": "finished", "lr 0.3": "finished"}
    (first,), (last,) = notebook.executions("lr 0.1"), notebook.executions("lr 0.3")
    assert (first.id, first.source) == (last.id, source)


def test_runs_inside_functions(notebook):
    notebook.run(
        "import nbtrail as nt\ndef train(lr):\n    with nt.start_run(f'lr {lr}') as run:\n"
        "        acc = 1 - lr\n        run.log({'loss': lr})\n    return acc"
    )
    notebook.run("%%track sweep\nscores = [train(lr) for lr in (0.25, 0.5)]")
    sweep, first, second = notebook.runs()

    assert (first.parent_id, second.parent_id) == (sweep.id, sweep.id)
    assert {key: one.last for key, one in notebook.metrics("lr 0.5").items()} == {"loss": 0.5}
    assert notebook.metrics("sweep") == {}


def test_a_run_opened_in_one_cell_and_finished_in_another(notebook):
    notebook.run("import nbtrail as nt\nrun = nt.start_run('long')")
    notebook.run("lr = 0.5\nrun.log({'loss': lr})")
    notebook.run("run.finish()")
    notebook.run("after = 1")

    assert status(notebook) == {"long": "finished"}
    assert [cell.source.splitlines()[-1] for cell in notebook.executions("long")] == [
        "run = nt.start_run('long')", "run.log({'loss': lr})", "run.finish()",
    ]  # fmt: skip


def test_a_run_left_open_is_closed_by_the_next_and_said(notebook):
    notebook.run("import nbtrail as nt\nfirst = nt.start_run('first')")
    ran = notebook.run("with nt.start_run('second'):\n    pass")

    assert "run 'first' was still open" in ran.stderr
    assert status(notebook) == {"first": "interrupted", "second": "finished"}


def test_a_task_that_outlives_its_cell_logs_to_its_run(notebook):
    notebook.run("import asyncio, nbtrail as nt\ngo = asyncio.Event()")
    notebook.run(
        "async def later():\n    with nt.start_run('outlived') as run:\n        await go.wait()\n"
        "        run.log({'loss': 0.5}, step=1)\n        print('late')\ntask = asyncio.ensure_future(later())"
    )
    notebook.run("%%track other\ngo.set()\nawait task\nprint('now')")

    assert status(notebook) == {"outlived": "finished", "other": "finished"}
    assert notebook.series("outlived", "loss") == [(1, 0.5)]
    (cell,) = notebook.executions("other")
    assert [one.text for one in notebook.outputs(cell.id)] == ["now\n"]


def test_threads_that_log_after_their_cell(notebook):
    notebook.run("%track start whole")
    notebook.run(
        "import threading, nbtrail as nt\ngo = threading.Event()\ndef work():\n    go.wait()\n"
        "    nt.active_run().log({'loss': 0.5})\n    print('printed')\n"
        "    display('shown')\nthread = threading.Thread(target=work)\nthread.start()"
    )
    ran = notebook.run("go.set()\nthread.join()")

    assert (ran.error, ran.stderr) == (None, "")
    assert notebook.series("whole", "loss") == [(0, 0.5)]
    cell = notebook.executions("whole")[-1]
    assert notebook.metrics("whole")["loss"].execution_id == cell.id
    assert [one.text for one in notebook.outputs(cell.id)] == ["printed\n"]


def test_threads_that_log_at_once(notebook):
    notebook.run(
        "%%track a\nimport nbtrail as nt\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    list(pool.map(lambda i: nt.active_run().log({'loss': i}, step=i), range(400)))"
    )
    assert sorted(notebook.series("a", "loss")) == [(i, float(i)) for i in range(400)]


def test_a_cell_in_a_subshell_beside_a_running_one(notebook):
    """A front end may have cells run in threads of the kernel while another cell runs."""
    client = notebook.client
    client.control_channel.send(client.session.msg("create_subshell_request"))
    subshell = client.get_control_msg(timeout=60)["content"]["subshell_id"]
    notebook.run("import threading\ngo = threading.Event()")
    main = notebook.send("%%track a\nlr = 0.5\nprint('begun', flush=True)\ngo.wait(60)\nacc = lr / 2")
    notebook.wait_for_stdout("begun")
    content = {"code": "print('beside', flush=True)\nlr = 8\ngo.set()", "silent": False, "store_history": True}
    request = client.session.msg("execute_request", content)
    request["header"]["subshell_id"] = subshell
    client.shell_channel.send(request)
    notebook.collect(main)
    client.control_channel.send(client.session.msg("delete_subshell_request", {"subshell_id": subshell}))
    client.get_control_msg(timeout=60)

    assert status(notebook) == {"a": "finished"}
    (cell,) = notebook.executions("a")
    assert (cell.status, [one.text for one in notebook.outputs(cell.id)]) == ("ok", ["begun\n"])
    assert notebook.metrics("a")["acc"].last == 4.0


def test_loading_reloading_and_unloading(notebook):
    notebook.run("%track start whole")
    again = notebook.run("%load_ext nbtrail")
    assert "already loaded" in again.stdout
    assert notebook.run("%track stop").stdout == "Run 'whole' finished.\n"

    notebook.run("%reload_ext nbtrail\n%reload_ext nbtrail")
    ran = notebook.run("%%track a\nacc = 1 / 2\nacc")
    assert (ran.result, ran.stderr) == ("0.5", "")
    assert len(notebook.executions("a")) == 1


def test_unloading_in_the_middle_of_a_run(notebook):
    notebook.run("%track start whole")
    ran = notebook.run("lr = 0.5\nacc = lr / 2\n%unload_ext nbtrail")
    after = notebook.run("acc = 1 / 8\nacc")
    gone = notebook.run("%track status")
    notebook.run("%load_ext nbtrail")

    assert (ran.error, after.result) == (None, "0.125")
    assert "not found" in gone.stderr
    assert status(notebook) == {"whole": "finished"}
    assert notebook.metrics("whole")["acc"].last == 0.25


def test_a_run_begun_in_the_middle_of_a_cell(notebook):
    source = "import nbtrail as nt\nprint('before')\nwith nt.start_run('half'):\n    print('within')\nprint('after')"
    notebook.run(source)
    (cell,) = notebook.executions("half")

    assert cell.source == source
    assert "".join(one.text for one in notebook.outputs(cell.id)).endswith("within\nafter\n")


def test_a_run_of_a_script_through_the_api(project, read, python):
    source = (
        "import nbtrail as nt\nwith nt.start_run('plain', params={'lr': 0.1}) as run:\n"
        "    for step in nt.progress(range(3)):\n        run.log({'loss': 1 / (step + 1)}, step=step)"
    )
    script = python(source)
    assert script.wait(60) == 0

    run = read(lambda store: store.run("plain"))
    assert (run.status, run.notebook) == ("finished", None)
    assert read(lambda store: store.executions(run.id)) == []
    assert nt.history(["plain"], "loss", project=project)["value"].tolist() == [1.0, 0.5, 1 / 3]
