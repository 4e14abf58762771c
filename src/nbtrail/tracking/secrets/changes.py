"""Changes on their way to the journal, with their texts masked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from nbtrail.changes import (
    ArtifactKept,
    DatasetSeen,
    ExecutionEnded,
    ExecutionStarted,
    ParamSet,
    RunEdited,
    RunEnded,
    RunStarted,
    TagsChanged,
)
from nbtrail.tracking.secrets.masking import mask_text, mask_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbtrail.changes import Change

_Record = TypeVar("_Record")


def mask_change(change: Change) -> Change:
    """The change without what looks like a credential in its texts.

    Points, and what has no text of a user's, pass as they are. So do outputs and environments: they are masked before
    their long texts become blobs.
    """
    mask = _MASKS.get(type(change))
    if mask is None:
        return change
    masked: Change = mask(change)
    return masked


def _run_started(change: RunStarted) -> Change:
    return _masked(change, name=mask_text(change.name))


def _run_ended(change: RunEnded) -> Change:
    return change if change.error is None else _masked(change, error=mask_text(change.error))


def _run_edited(change: RunEdited) -> Change:
    if change.field in {"name", "note"} and isinstance(change.value, str):
        return _masked(change, value=mask_text(change.value))
    return change


def _tags_changed(change: TagsChanged) -> Change:
    return _masked(change, added=tuple(map(mask_text, change.added)), removed=tuple(map(mask_text, change.removed)))


def _param_set(change: ParamSet) -> Change:
    return _masked(
        change,
        key=mask_text(change.key),
        value=mask_value(change.key, change.value),
        reason=mask_text(change.reason),
    )


def _execution_started(change: ExecutionStarted) -> Change:
    execution = change.execution
    return _masked(change, execution=_masked(execution, source=mask_text(execution.source)))


def _execution_ended(change: ExecutionEnded) -> Change:
    return change if change.error is None else _masked(change, error=mask_text(change.error))


def _artifact_kept(change: ArtifactKept) -> Change:
    artifact = change.artifact
    metadata = mask_value("", artifact.metadata)
    return _masked(change, artifact=_masked(artifact, path=mask_text(artifact.path), metadata=metadata))


def _dataset_seen(change: DatasetSeen) -> Change:
    use = change.use
    dataset = _masked(use.dataset, name=mask_text(use.dataset.name))
    return _masked(change, use=_masked(use, name=mask_text(use.name), dataset=dataset))


def _masked(record: _Record, **fields: object) -> _Record:
    """The record with these fields; the very same if all are as they were, as they mostly are."""
    if all(getattr(record, name) == value for name, value in fields.items()):
        return record
    return replace(record, **fields)  # type: ignore[type-var]


_MASKS: Final[dict[type, Callable[[Any], Any]]] = {
    RunStarted: _run_started,
    RunEnded: _run_ended,
    RunEdited: _run_edited,
    TagsChanged: _tags_changed,
    ParamSet: _param_set,
    ExecutionStarted: _execution_started,
    ExecutionEnded: _execution_ended,
    ArtifactKept: _artifact_kept,
    DatasetSeen: _dataset_seen,
}
