"""Parts of the capture that turn themselves off when they fail, and never touch the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from nbtrail.notices import announce
from nbtrail.tracking import describe

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Parts:
    """Runs what belongs to a part of the capture until that part fails once."""

    def __init__(self) -> None:
        self.off: dict[str, str] = {}
        """The parts that failed, and how."""

    def run(self, part: str, job: Callable[[], Result], default: Result) -> Result:
        """What a job gives; ``default`` if its part is off or fails now, which the user is told once.

        Parameters
        ----------
        part
            What is turned off, in words that go before "is off".
        job
            What may fail.
        default
            What stands for its result.
        """
        if part in self.off:
            return default
        try:
            return job()
        except Exception as error:  # noqa: BLE001 - whatever fails in the capture, the cell runs
            self.fail(part, error)
            return default

    def fail(self, part: str, error: BaseException) -> None:
        """Turn a part off and say so, once."""
        if part in self.off:
            return
        self.off[part] = describe(error)
        announce(
            f"{part} failed ({describe(error)}) and is off from here on; your cells run as before. "
            "`%unload_ext nbtrail` and `%load_ext nbtrail` switch it on again."
        )
