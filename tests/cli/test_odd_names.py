"""Names that people and programs think of."""

from __future__ import annotations

import pytest

import nbtrail as nt


@pytest.mark.parametrize("name", ["r\x1b", "r\x00", "r\ufffe", "r\n", "r\\", '</script>"'])
def test_names_of_any_characters_are_drawn_and_end_no_process(project, name):
    """A control character in a text would end whoever has a picture made, and in a notebook that is the kernel."""
    with nt.start_run(name) as run:
        for step in range(3):
            run.log({name: float(step), "other": 1.0}, step=step)

    for metric in (name, "other"):
        assert nt.compare(run.id, metric=metric)._repr_mimebundle_()[0]["image/png"]
    assert nt.export("comparison.ipynb", [run.id]).exists()
