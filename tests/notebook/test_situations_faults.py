"""A part of the capture that fails, as docs/situations.md says: the cell is untouched, one message, and what is off."""

from __future__ import annotations

import pytest

CELL = "lr = 0.5\nfor i in range(3):\n    loss = lr / (i + 1)\nacc = 1 / 4\nprint('printed', acc)\nacc"
CAPTURE = "get_ipython()._nbtrail_notebook.capture"
LOOPS = "from nbtrail.notebook.loops import FollowedLoops, StepTransformer"
FAIL = "def fail(*_, **__):\n    raise RuntimeError('a fault of ours')\n"
FAULTS = {
    "cells at their start": (f"{CAPTURE}._begin = fail", "the capture of cells"),
    "cells at their end": (f"{CAPTURE}._end = fail", "the capture of cells"),
    "params": (f"{CAPTURE}.values.before = fail", "the capture of params and metrics"),
    "metrics": (f"del {CAPTURE}.values.__dict__['_functions']", "the capture of params and metrics"),
    "outputs as they come": (f"{CAPTURE}._outputs._take = fail", "the capture of outputs"),
    "outputs at the end": (f"{CAPTURE}._outputs.finish = fail", "the capture of outputs"),
    "loops before they run": (f"{LOOPS}\nwas, StepTransformer.visit = StepTransformer.visit, fail", "--each-step"),
    "loops as they run": (f"{LOOPS}\nwas, FollowedLoops.step = FollowedLoops.step, fail", "--each-step"),
    "data": (f"{CAPTURE}._data.look = fail", "the capture of data"),
    "the card": ("import nbtrail.notebook.card as c\nc.card_state = fail", "the live card"),
}
MEND = (
    f"{LOOPS}\nimport nbtrail.notebook.card as c, nbtrail.notebook.card_state as s\nc.card_state = s.card_state\n"
    "for kind, name in ((StepTransformer, 'visit'), (FollowedLoops, 'step')):\n"
    "    if getattr(kind, name).__name__ == 'fail':\n        setattr(kind, name, was)"
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_part_that_fails_leaves_the_cell_alone_says_so_once_and_is_off(notebook, fault):
    source, part = FAULTS[fault]
    cause = notebook.run(FAIL + source)
    ran = [notebook.run(f"%%track --each-step loss\n{CELL}") for _ in range(2)]
    said = cause.stderr + ran[0].stderr
    status = notebook.run("%track status").stdout
    notebook.run(MEND)

    assert cause.error is None
    assert [one.stdout for one in ran] == ["printed 0.25\n"] * 2
    assert [(one.result, one.error) for one in ran] == [("0.25", None)] * 2
    assert said.count("nbtrail: ") == 1
    assert f"{part} failed (" in said
    assert ran[1].stderr == ""
    assert f"off      {part}: " in status
    assert {run.status for run in notebook.runs()} <= {"finished", "interrupted"}


def test_loading_the_extension_again_switches_a_part_on_again(notebook):
    notebook.run(f"{FAIL}{CAPTURE}.values.before = fail")
    notebook.run("%%track a\nacc = 1 / 2")
    notebook.run("%unload_ext nbtrail\n%load_ext nbtrail")
    ran = notebook.run("%%track b\nacc = 1 / 4")

    assert ran.stderr == ""
    assert "acc" in notebook.metrics("b")
