"""Cells that are more than plain Python: what is recorded of them, as docs/situations.md says."""

from __future__ import annotations

import os
import time

import nbformat


def values(notebook, name):
    return {key: one.last for key, one in notebook.metrics(name).items()}


def test_autoreload_takes_the_edited_module(notebook):
    module = notebook.root / "situation_model.py"
    module.write_text("def rate():\n    return 0.5\n")
    notebook.run("%load_ext autoreload\n%autoreload 2\nimport situation_model")
    notebook.run("%%track a\nacc = situation_model.rate()")
    module.write_text("def rate():\n    return 0.125\n")
    os.utime(module, (time.time() + 9, time.time() + 9))
    ran = notebook.run("%%track b\nacc = situation_model.rate()")
    notebook.run("%autoreload 0\n%unload_ext autoreload")

    assert ran.stderr == ""
    assert (values(notebook, "a"), values(notebook, "b")) == ({"acc": 0.5}, {"acc": 0.125})


def test_run_of_a_script_is_its_cell_and_the_runs_that_it_starts(notebook):
    (notebook.root / "train.py").write_text(
        "import nbtrail as nt\nacc = 1 / 2\nprint('trained')\n"
        "with nt.start_run('inner') as run:\n    run.log({'f1': 0.7})\n"
    )
    notebook.run("%%track outer\n%run train.py")
    (cell,) = notebook.executions("outer")

    assert cell.source == "%%track outer\n%run train.py"
    assert [one.text for one in notebook.outputs(cell.id)] == ["trained\n"]
    assert values(notebook, "outer") == {}
    assert values(notebook, "inner") == {"f1": 0.7}
    outer, inner = notebook.runs()
    assert inner.parent_id == outer.id


def test_run_of_another_notebook_is_one_cell(notebook):
    cells = ["%%track inner\nacc = 1 / 4", "%track log f1=0.7"]
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nbformat.write(other, notebook.root / "other.ipynb")
    ran = notebook.run("%%track outer\n%run other.ipynb\nacc")

    assert (ran.error, ran.result) == (None, "0.25")
    assert [run.name for run in notebook.runs()] == ["outer"]
    assert values(notebook, "outer") == {"f1": 0.7}
    assert len(notebook.executions("outer")) == 1


def test_time_and_capture_within_each_other(notebook):
    notebook.run("%track start whole")
    ran = notebook.run("%%capture said\n%%time\nlr = 0.5\nacc = lr / 2\nprint('hidden')")
    notebook.run("%time auc = lr / 4")

    assert ran.stdout == ""
    assert values(notebook, "whole") == {"acc": 0.25, "auc": 0.125}
    hidden, timed = notebook.executions("whole")[1:]
    assert hidden.source.startswith("%%capture said\n%%time")
    assert notebook.outputs(hidden.id) == []
    assert "Wall time" in notebook.outputs(timed.id)[0].text


def test_shell_lines_and_cells_of_other_languages(notebook):
    notebook.run("%track start whole")
    notebook.run("%%bash\necho from bash")
    notebook.run("!echo from the shell\nacc = 1 / 2")
    bash, shell = notebook.executions("whole")[1:]

    assert (bash.source, bash.writes) == ("%%bash\necho from bash", ())
    assert notebook.outputs(bash.id)[0].text == "from bash\n"
    assert "from the shell" in notebook.outputs(shell.id)[0].text
    assert values(notebook, "whole") == {"acc": 0.5}


def test_a_cell_that_a_cell_runs_is_part_of_it(notebook):
    notebook.run("%track start whole")
    for options in ("", ", store_history=True"):
        notebook.run(f"before = 1\nget_ipython().run_cell('inner = 2'{options})\nacc = 1 / 2")
    after = notebook.run("acc = 1 / 4\nacc")

    assert after.result == "0.25"
    assert [cell.status for cell in notebook.executions("whole")] == ["ok"] * 4
    assert values(notebook, "whole") == {"acc": 0.25}
    assert notebook.metrics("whole")["acc"].count == 3


def test_code_that_a_front_end_runs_for_itself_is_no_cell(notebook):
    notebook.run("%track start whole")
    for options in ({"silent": True}, {"store_history": False}):
        notebook.run("acc = 1 / 2", **options)
    notebook.run("x = 1", user_expressions={"seen": "acc"})

    assert [cell.source for cell in notebook.executions("whole")] == ["%track start whole", "x = 1"]
    assert values(notebook, "whole") == {}


def test_track_in_code_without_a_history_works(notebook):
    notebook.run("%track start whole", store_history=False)
    notebook.run("%%track own\nacc = 1 / 2", store_history=False)
    notebook.run("%track log f1=0.5", silent=True)

    assert values(notebook, "own") == {"acc": 0.5}
    assert values(notebook, "whole") == {"f1": 0.5}


def test_top_level_await(notebook):
    source = (
        "%%track a --each-step\nimport asyncio\nfor i in range(3):\n    await asyncio.sleep(0)\n    loss = 1 / (i + 1)"
    )
    assert notebook.run(source).error is None
    assert notebook.series("a", "loss") == [(0, 1.0), (1, 0.5), (2, 1 / 3)]


def test_reset_in_the_middle_of_a_run(notebook):
    notebook.run("%track start whole")
    notebook.run("lr = 0.5\nacc = lr / 2")
    ran = notebook.run("%reset -f")
    again = notebook.run("auc = 1 / 4\nauc")

    assert (ran.error, again.result) == (None, "0.25")
    assert values(notebook, "whole") == {"acc": 0.25, "auc": 0.25}


def test_names_that_are_deleted(notebook):
    notebook.run("lr = 0.5\ndepth = 3\ndel depth")
    ran = notebook.run("%%track a\nacc = lr / 2\ndel lr\nauc = acc / 2\ndel auc")

    assert ran.stderr == ""
    assert [*notebook.params("a")] == ["lr"]
    assert values(notebook, "a") == {"acc": 0.25}


def test_ipythons_settings_change_nothing(notebook):
    notebook.run("%xmode Minimal\n%config InteractiveShell.ast_node_interactivity = 'all'\n%precision 3")
    ran = notebook.run("%%track a --each-step\nlr = 0.5\nfor i in range(2):\n    loss = lr / (i + 1)\nloss\n1 / 0")
    notebook.run("%xmode Context\n%config InteractiveShell.ast_node_interactivity = 'last_expr'\n%precision")

    assert ran.error["ename"] == "ZeroDivisionError"
    assert (ran.result, ran.stderr) == ("0.250", "")
    (cell,) = notebook.executions("a")
    assert notebook.outputs(cell.id)[-1].text == "ZeroDivisionError: division by zero\n"


def test_a_transformer_of_the_user_sees_and_changes_the_cell_as_ever(notebook):
    notebook.run(
        "import ast\nclass Doubled(ast.NodeTransformer):\n    def visit_Constant(self, node):\n"
        "        return ast.copy_location(ast.Constant(node.value * 2), node) if node.value == 21 else node\n"
        "doubled = Doubled()\nget_ipython().ast_transformers.append(doubled)"
    )
    ran = notebook.run("%%track a --each-step\nfor i in range(2):\n    loss = 21 / (i + 1)\n21")
    left = notebook.run("get_ipython().ast_transformers.remove(doubled)\nlen(get_ipython().ast_transformers)")

    assert (ran.result, left.result) == ("42", "0")
    assert notebook.series("a", "loss") == [(0, 42.0), (1, 21.0)]


def test_hooks_of_other_extensions_that_raise_do_not_disturb(notebook):
    notebook.run(
        "def broken(*_):\n    raise ValueError('not ours')\n"
        "for event in ('pre_run_cell', 'post_run_cell'):\n    get_ipython().events.register(event, broken)"
    )
    ran = notebook.run("%%track a\nacc = 1 / 2\nacc")
    notebook.run("for event in ('pre_run_cell', 'post_run_cell'):\n    get_ipython().events.unregister(event, broken)")

    assert ran.result == "0.5"
    assert [(run.name, run.status) for run in notebook.runs()] == [("a", "finished")]
    assert values(notebook, "a") == {"acc": 0.5}
