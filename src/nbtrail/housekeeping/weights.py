"""How much each run takes, in the store and in files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nbtrail.housekeeping.blob_files import look_into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.project import Project
    from nbtrail.store.protocol import Store


class Weights:
    """Roughly how many bytes each run takes: exact for files, worked out for what stands in the store.

    Parameters
    ----------
    project
        Whose files are looked at.
    store
        The project's store; it stays open while this is used.
    """

    def __init__(self, project: Project, store: Store) -> None:
        self._store = store
        self._rows = store.run_bytes()
        self._uses = store.blob_uses()
        self._sizes = {digest: file.size for digest, file in look_into(project.blobs).files.items()}
        self._files: defaultdict[str, int] = defaultdict(int)
        for digest, use in self._uses.items():
            if use.run_id is not None:
                self._files[use.run_id] += self._sizes.get(digest, 0)

    def rows(self, run_id: str) -> int:
        """What only this run takes in the store."""
        return self._rows.get(run_id, 0)

    def files(self, run_id: str) -> int:
        """The files that only this run needs."""
        return self._files.get(run_id, 0)

    def alone(self, run_id: str) -> int:
        """What purging this run alone would free."""
        return self.rows(run_id) + self.files(run_id)

    def together(self, run_ids: Sequence[str]) -> int:
        """What purging these runs at once would free."""
        freed = self._uses.keys() - self._store.blob_uses(without=run_ids).keys()
        return sum(map(self.rows, run_ids)) + sum(self._sizes.get(digest, 0) for digest in freed)
