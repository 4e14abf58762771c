"""A person's edits to a run, from the request into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtrail.changes import RunEdited, TagsChanged
from nbtrail.errors import RunNotFoundError
from nbtrail.records import BASELINE_TAG
from nbtrail.store.conditions import Contains, Field
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking.secrets import mask_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.changes import Change
    from nbtrail.project import Project
    from nbtrail.records import Run
    from nbtrail.server.corrections import Corrections
    from nbtrail.server.requests import RunEdit
    from nbtrail.store.protocol import Store


def apply_edit(project: Project, wanted: str, edit: RunEdit, corrections: Corrections, *, now: float) -> None:
    """Write an edit into the project's store, and into its settings: all of it, or nothing.

    Raises
    ------
    RunNotFoundError
        There is no such run.
    NameTakenError
        Another run has the new name.
    SettingsError
        ``settings.toml`` has a mistake.
    StoreError
        The store cannot be written.
    """
    if not project.exists:
        raise RunNotFoundError(wanted, store=project.url)
    store = project.open(read_only=False)
    try:
        run = store.run(wanted)
        changes = [mask_change(change) for change in _changes(store, run, edit, now=now)]
        if edit.corrects:
            corrections.apply(project, store, run, edit, changes, now=now)
        else:
            store.apply(changes)
    finally:
        store.close()


def _changes(store: Store, run: Run, edit: RunEdit, *, now: float) -> Iterator[Change]:
    if edit.name is not None and edit.name != run.name:
        yield RunEdited(run_id=run.id, field="name", value=edit.name)
    if edit.note is not None:
        yield RunEdited(run_id=run.id, field="note", value=edit.note)
    if edit.starred is not None:
        yield RunEdited(run_id=run.id, field="starred", value=edit.starred)
    if edit.trashed is not None:
        yield RunEdited(run_id=run.id, field="trashed", value=now if edit.trashed else None)
    if edit.add_tags or edit.remove_tags:
        yield TagsChanged(run_id=run.id, added=edit.add_tags, removed=edit.remove_tags)
    if edit.baseline is not None:
        yield from _baseline_changes(store, run, is_baseline=edit.baseline)


def _baseline_changes(store: Store, run: Run, *, is_baseline: bool) -> Iterator[Change]:
    if not is_baseline:
        yield TagsChanged(run_id=run.id, removed=(BASELINE_TAG,))
        return
    yield TagsChanged(run_id=run.id, added=(BASELINE_TAG,))
    # Those in the trash too: one that is put back must not become the baseline again.
    for trashed in (False, True):
        for other in store.runs(RunQuery(where=Contains(Field("run", "tags"), BASELINE_TAG), trashed=trashed)):
            if other.id != run.id:
                yield TagsChanged(run_id=other.id, removed=(BASELINE_TAG,))
