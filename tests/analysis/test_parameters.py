"""A cell that begins with ``# Parameters`` says the notebook's parameters outright."""

from __future__ import annotations

import pytest

from nbtrail.analysis.parameters_cell import is_parameters_cell


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Parameters\nlr = 0.1", True),
        ("\n# parameters\nlr = 0.1", True),
        ("#Parameters:\nlr = 0.1", True),
        ("# Parameters of the model\nlr = 0.1", False),
        ("lr = 0.1\n# Parameters", False),
        ("", False),
    ],
)
def test_the_first_line_tells(source, expected):
    assert is_parameters_cell(source) is expected
