"""Reading a project's store so that it shows all that was recorded up to now."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtrail.errors import RunNotFoundError
from nbtrail.notices import announce
from nbtrail.tracking.recovery import recover
from nbtrail.tracking.state import process, project_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbtrail.project import Project
    from nbtrail.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Reader:
    """A project and its store, open for reading."""

    store: Store
    project: Project


@contextmanager
def reader(project: Project | str | Path | None = None) -> Iterator[Reader]:
    """Open a project's store for reading.

    What this process has recorded is moved into the store first, and so is what processes that are gone left behind.
    A project without a store reads as an empty one; nothing is created.

    Parameters
    ----------
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Raises
    ------
    StoreError
        The store cannot be read.
    RunNotFoundError
        As the store raises it; of a project without a store it names the folder.
    """
    where = project_of(project)
    recorder = process.recorders.get(where.url)
    if recorder is not None:
        recorder.flush()
    store = _open(where)
    try:
        yield Reader(store, where)
    except RunNotFoundError as error:
        if where.exists:
            raise
        # What stood in for the store has no name that means anything to a user.
        raise RunNotFoundError(error.wanted, store=str(where.root), is_empty=True) from None
    finally:
        store.close()


def _open(project: Project) -> Store:
    from nbtrail.errors import StoreError, StoreReadOnlyError
    from nbtrail.store import open_store

    trouble: StoreError | None = None
    try:
        recover(project)
    except StoreReadOnlyError:
        pass  # journals of a project that cannot be written stay where they are
    except StoreError as error:
        trouble = error
    store = project.open(read_only=True) if project.exists else open_store(":memory:")
    if trouble is not None:
        announce(f"what processes that are gone left behind is not shown yet: {trouble}")
    return store
