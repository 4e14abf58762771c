"""What is known of a cell before it runs, read from its source and from the shell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nbtrail.analysis.facts import CellFacts, look_at
from nbtrail.analysis.names import parse_cell
from nbtrail.analysis.parameters_cell import is_parameters_cell
from nbtrail.notebook.cells import Cell
from nbtrail.notebook.outputs import request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

_SMALL_INTS: Final = 256
_OWN_LINE: Final = "run_line_magic('track'"
"""What IPython makes of a line such as ``%track status``."""


def _is_number(value: object) -> bool:
    kind = type(value)
    # Python has small ints once each: that one is the same says nothing.
    if kind is int:
        return abs(value) > _SMALL_INTS  # type: ignore[arg-type]
    return issubclass(kind, float) or (kind.__module__ == "numpy" and getattr(value, "size", 2) == 1)


class CellReader:
    """Reads the cells of one shell.

    Parameters
    ----------
    shell
        Whose cells they are.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def read(self, source: str, transformed: str, number: int | None, cell_id: str | None) -> Cell:
        """A cell that begins now.

        Parameters
        ----------
        source, transformed
            As the user wrote it, and as IPython runs it.
        number
            The ``n`` of ``In[n]``.
        cell_id
            The front end's, where it tells one.
        """
        facts = self._facts(source, transformed)
        cell = Cell(number=number, cell_id=cell_id, source=source, is_python=facts is not None)
        cell.is_own = _OWN_LINE in transformed
        cell.request = request_of(self._shell)
        if facts is not None:
            cell.facts = facts
            held = {name: self._shell.user_ns.get(name) for name in facts.names.writes}
            # Numbers only: holding anything larger would keep alive what the cell means to replace.
            cell.before = {name: value for name, value in held.items() if _is_number(value)}
        return cell

    def cell_now(self) -> Cell | None:
        """The cell that runs now; ``None`` where the shell has no history."""
        history, number = self._shell.history_manager, self._shell.execution_count - 1
        if history is None or not 0 < number < len(history.input_hist_raw):
            return None
        raw, parsed = history.input_hist_raw[number], history.input_hist_parsed[number]
        return self.read(raw, parsed, number, self._cell_id_now())

    def facts_before(self) -> Iterator[tuple[int, CellFacts]]:
        """The cells that ran before, each with its ``n`` of ``In[n]``."""
        history = self._shell.history_manager
        parsed = [] if history is None else list(history.input_hist_parsed)
        for number in range(1, min(self._shell.execution_count - 1, len(parsed))):
            yield number, self._facts(parsed[number], parsed[number]) or CellFacts()

    def _facts(self, source: str, transformed: str) -> CellFacts | None:
        tree = parse_cell(transformed, self._shell.transform_cell)
        return None if tree is None else replace(look_at(tree), is_parameters=is_parameters_cell(source))

    def _cell_id_now(self) -> str | None:
        get_parent = getattr(self._shell, "get_parent", None)
        if get_parent is None:
            return None
        found = get_parent().get("metadata", {}).get("cellId")
        return found if isinstance(found, str) else None
