"""The routes below ``nbtrail/api/``: each parses, calls and writes; ``docs/http.md`` says what they mean."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated

from nbtrail.errors import NbtrailError, RunNotFoundError
from nbtrail.server import comparisons, payloads, requests
from nbtrail.server.desk import DESK
from nbtrail.server.edits import apply_edit
from nbtrail.server.numbers import encode
from nbtrail.server.statuses import error_payload, status_of

if TYPE_CHECKING:
    from types import TracebackType

    from nbtrail.server.desk import Desk, Opened, Work
    from nbtrail.store.protocol import Store


class ProjectHandler(APIHandler):
    """A request about the project that its ``path`` means."""

    auth_resource = "nbtrail"

    @property
    def desk(self) -> Desk:
        """What all requests share."""
        desk: Desk = self.settings[DESK]
        return desk

    @property
    def query(self) -> dict[str, str]:
        """The query's arguments, the last one of each name."""
        return {name: self.get_query_argument(name, strip=False) for name in self.request.query_arguments}

    async def answer(self, work: Work) -> None:
        """Let ``work`` make the answer, and write it."""
        self.finish(await self.desk.serve(self.query.get("path", ""), work))

    def log_exception(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """An error that nbtrail raised on purpose is an answer, and needs no traceback in the log."""
        if not isinstance(error, NbtrailError):
            super().log_exception(kind, error, traceback)

    def write_error(self, status_code: int, **options: Any) -> None:
        """Every error in one shape."""
        error = options.get("exc_info", (None, None, None))[1]
        status = status_of(error, otherwise=status_code)
        self.set_status(status)
        self.finish(encode(error_payload(error, status)))


class RunsHandler(ProjectHandler):
    """``GET runs``."""

    _track_activity = False  # a sidebar that looks every half minute is nobody at work

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of runs."""
        asked = requests.page_request(self.query)

        def work(opened: Opened) -> dict[str, Any]:
            if opened.store is None:
                return payloads.empty_page(opened.place, asked)
            return payloads.runs_page(opened.store, opened.place, asked, self.desk.sparks)

        await self.answer(work)


class GroupsHandler(ProjectHandler):
    """``GET groups``."""

    _track_activity = False

    @authenticated
    @authorized
    async def get(self) -> None:
        """How the runs fall into groups."""
        asked = requests.groups_request(self.query)

        def work(opened: Opened) -> dict[str, Any]:
            if opened.store is None:
                return payloads.no_groups(asked)
            return payloads.groups_payload(opened.store, asked)

        await self.answer(work)


class RunHandler(ProjectHandler):
    """``GET`` and ``PATCH runs/{id}``."""

    @authenticated
    @authorized
    async def get(self, wanted: str) -> None:
        """One run, whole."""

        def work(opened: Opened) -> dict[str, Any]:
            return payloads.run_details(_store(opened, wanted), opened.project, wanted, self.desk.sparks)

        await self.answer(work)

    @authenticated
    @authorized
    async def patch(self, wanted: str) -> None:
        """Edits a run."""
        edit = requests.run_edit(self.request.body)

        def work(opened: Opened) -> dict[str, Any]:
            store = _store(opened, wanted)
            run = store.run(wanted)
            apply_edit(opened.project, run.id, edit, self.desk.corrections, now=time.time())
            return payloads.run_row(store, opened.project, run.id, self.desk.sparks)

        await self.answer(work)


class CompareHandler(ProjectHandler):
    """``POST compare``."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Draws a comparison; it changes nothing, so whoever may read may ask for it."""
        asked = requests.comparison_request(self.request.body, takes_baseline=True)

        def work(opened: Opened) -> dict[str, Any]:
            store = _store(opened, asked.runs[0])
            with self.desk.drawing:
                return comparisons.comparison_payload(store, opened.project, asked)

        await self.answer(work)


class ExportHandler(ProjectHandler):
    """``POST export``."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Writes a comparison notebook."""
        asked = requests.comparison_request(self.request.body, takes_baseline=False)

        def work(opened: Opened) -> dict[str, Any]:
            store = _store(opened, asked.runs[0])
            with self.desk.drawing:
                return comparisons.export_payload(store, opened.place, asked)

        await self.answer(work)


ROUTES: Final[tuple[tuple[str, type[ProjectHandler]], ...]] = (
    (r"runs", RunsHandler),
    (r"groups", GroupsHandler),
    (r"runs/([^/]+)", RunHandler),
    (r"compare", CompareHandler),
    (r"export", ExportHandler),
)
"""Each route below ``nbtrail/api/`` as a pattern, and who serves it."""


def _store(opened: Opened, wanted: str) -> Store:
    """The store that must have a run, since one was named."""
    if opened.store is None:
        raise RunNotFoundError(wanted, store=opened.project.url)
    return opened.store
