"""Files and objects kept with a run."""

from __future__ import annotations

import json
import mimetypes
import os
import pickle
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.changes import ArtifactKept
from nbtrail.errors import FileMissingError, InputError
from nbtrail.records import Artifact
from nbtrail.tracking.artifact_files import files_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project


def keep(content: object, name: str | None, *, run_id: str, project: Project) -> tuple[ArtifactKept, ...]:
    """Store what a run wants kept and say so as changes, one a file.

    Of a folder the files of the project's own store are left out.

    Raises
    ------
    FileMissingError
        A path that is not there.
    InputError
        An object that can be neither JSON nor pickled; a folder without files.
    """
    if isinstance(content, (str, os.PathLike)):
        return tuple(_keep_path(Path(content), name, run_id, project))
    suffix, data = _as_bytes(content)
    path = _with_suffix(name or "artifact", suffix)
    return (_kept(run_id, path, project.blobs.put_bytes(data), len(data)),)


def _keep_path(source: Path, name: str | None, run_id: str, project: Project) -> Iterator[ArtifactKept]:
    if not source.exists():
        raise FileMissingError(source, purpose="keep as an artifact")
    top = name or source.name or source.resolve().name
    files = files_in(source, project) if source.is_dir() else [source]
    for file in files:
        path = top if file == source else f"{top}/{file.relative_to(source).as_posix()}"
        yield _kept(run_id, path, project.blobs.put_file(file), file.stat().st_size)


def _kept(run_id: str, path: str, digest: str, size: int) -> ArtifactKept:
    mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return ArtifactKept(
        artifact=Artifact(run_id=run_id, path=path, digest=digest, size=size, mime=mime, at=time.time())
    )


def _as_bytes(content: object) -> tuple[str, bytes]:
    if isinstance(content, (bytes, bytearray, memoryview)):
        return "", bytes(content)
    if hasattr(content, "savefig"):
        return ".png", _figure(content)
    try:
        return ".json", json.dumps(content, allow_nan=False, indent=1).encode()
    except (TypeError, ValueError):
        return ".pkl", _pickled(content)


def _figure(content: object) -> bytes:
    import io

    buffer = io.BytesIO()
    content.savefig(buffer, format="png", bbox_inches="tight")  # type: ignore[attr-defined]
    return buffer.getvalue()


def _pickled(content: object) -> bytes:
    try:
        return pickle.dumps(content)
    except Exception as error:
        msg = f"{type(content).__name__} can be neither JSON nor pickled ({error}). Save it to a file and log its path."
        raise InputError(msg) from error


def _with_suffix(name: str, suffix: str) -> str:
    return name if Path(name).suffix else f"{name}{suffix}"
