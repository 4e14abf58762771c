"""``--each-step``: the loops of a cell are followed while it runs, and what they leave behind goes to its run."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, cast

from nbtrail.analysis.loop_code import PREFIX
from nbtrail.analysis.steps import StepTransformer
from nbtrail.analysis.ticks import KEPT_A_SECOND, KEPT_AT_ONCE, Following, follow
from nbtrail.machine.threads import begin_thread

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.tracking import Run


GATHER_S: Final = 0.001
"""Turns that follow each other faster are recorded together."""
_LATER_S: Final = 0.02


class FollowedLoops:
    """The loops of one cell; also the transformer that IPython is given and the sink that the loops tell.

    Parameters
    ----------
    run
        Where the numbers go.
    cell
        The execution's id.
    wanted
        Names to record; empty to infer them.
    ignored
        Names that are not inferred.
    on_message
        Called with something to say on the card.
    on_failure
        Called when loops can no longer be followed; they run all the same.
    """

    def __init__(  # noqa: PLR0913 - what is followed, and who hears of it
        self,
        run: Run,
        *,
        cell: str,
        wanted: tuple[str, ...],
        ignored: frozenset[str],
        on_message: Callable[[str], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._run = run
        self._wanted = wanted
        self._on_message = on_message
        self._on_failure = on_failure
        self._transformer = StepTransformer(cell, wanted, ignored)
        self._following = Following(self._transformer.plans, self)

        self._reasons: dict[str, str] = {}
        self._turns: deque[tuple[int, Mapping[str, float]]] = deque()
        self._handing = threading.RLock()
        self._is_handing = False
        self._handed_s = 0.0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def install(self, shell: InteractiveShell) -> None:
        """From here on, loops that IPython compiles are followed."""
        _transformers(shell).append(self)
        follow(self._following)

    def remove(self, shell: InteractiveShell) -> None:
        """Follow no more, and take away what the loops needed."""
        follow(None)
        self._hand_on()
        self._over.set()
        if self in _transformers(shell):
            _transformers(shell).remove(self)
        for name in [name for name in shell.user_ns if name.startswith(PREFIX)]:
            del shell.user_ns[name]

    @property
    def recorded(self) -> frozenset[str]:
        """Metrics that got a point."""
        return frozenset(self._following.recorded)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names that were asked for and that no loop bound to a number."""
        return tuple(name for name in self._wanted if name not in self._following.recorded)

    def visit(self, node: ast.AST) -> ast.AST:
        """The tree with its loops wrapped; the tree as it was if that fails."""
        try:
            return self._transformer.visit(node)
        except Exception as error:  # noqa: BLE001 - the cell runs, followed or not
            self._on_failure(error)
            return node

    def step(self, step: int, values: Mapping[str, float]) -> None:
        """Take the numbers of one turn: they are recorded at once, or together with those of the next milliseconds."""
        if self._over.is_set():
            # A generator or a thread that outlives its cell: the cell's run has ended.
            return
        self._turns.append((step, values))
        now_s = time.monotonic()
        if now_s - self._handed_s >= GATHER_S:
            self._handed_s = now_s
            self._hand_on()
        elif self._thread is None:
            # The turn that follows may take an hour: then nobody but this thread would hand on what has gathered.
            self._thread = begin_thread(self._hand_on_later, "nbtrail-loops")
            if self._thread is None:
                self._hand_on()

    def over(self) -> None:
        """Hear that a loop of the cell is over: nothing of it waits."""
        self._hand_on()

    def _hand_on_later(self) -> None:
        while not self._over.wait(_LATER_S):
            self._hand_on()

    def _hand_on(self) -> None:
        with self._handing:
            # What a handler of a signal adds in the midst of this is handed on by the call that it interrupts.
            while self._turns and not self._is_handing:
                self._is_handing = True
                try:
                    self._hand_on_what_gathered()
                finally:
                    self._is_handing = False

    def _hand_on_what_gathered(self) -> None:
        turns: list[tuple[int, Mapping[str, float]]] = []
        while self._turns:
            turns.append(self._turns.popleft())
        if turns:
            self._run.log_turns(turns, origin="inferred", reasons=self._reasons_of_metrics())

    def _reasons_of_metrics(self) -> Mapping[str, str]:
        if not self._reasons:
            plans = self._transformer.plans.values()
            self._reasons = {series.metric: series.reason for plan in plans for series in plan.series}
        return self._reasons

    def progress(self, done: int, total: int | None) -> None:
        """Take how many turns are done, and of how many."""
        self._run.set_progress(done, total)

    def thinned(self) -> None:
        """Hear that not every turn is kept."""
        self._on_message(
            f"This loop turns faster than {KEPT_A_SECOND} times a second: after the first {KEPT_AT_ONCE:,} turns"
            " some are left out, never the last."
        )

    def failed(self, error: Exception) -> None:
        """Hear that a loop can no longer be followed."""
        self._on_failure(error)


def _transformers(shell: InteractiveShell) -> list[object]:
    """IPython asks of a transformer only that it can ``visit``."""
    return cast("list[object]", shell.ast_transformers)


def say_missing(missing: tuple[str, ...]) -> str:
    """What the card says about names that were asked for in vain."""
    names = ", ".join(missing)
    return f"--each-step {names}: no loop of this cell bound {'it' if len(missing) == 1 else 'them'} to a number."
