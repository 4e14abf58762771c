"""A loop that says how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from nbtrail.tracking.state import active_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")


def progress(iterable: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """Go through an iterable and show on the live card how far it is.

    Parameters
    ----------
    iterable
        Anything that can be looped over.
    total
        How many items there are; asked of the iterable (``len``) if left out, and unknown if it does not say.

    Returns
    -------
    Iterator
        The items themselves. Without an active run it is a plain loop.
    """
    if total is None:
        try:
            total = len(iterable)  # type: ignore[arg-type]
        except TypeError:
            total = None
    return _steps(iterable, total)


def _steps(iterable: Iterable[Item], total: int | None) -> Iterator[Item]:
    run = active_run()
    if run is None:
        yield from iterable
        return
    run.set_progress(0, total)
    for done, item in enumerate(iterable, start=1):
        yield item
        run.set_progress(done, total)
