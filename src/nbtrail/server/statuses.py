"""Which HTTP status each error gets, and how it reads on the wire."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from tornado.web import HTTPError

from nbtrail.errors import (
    FilterError,
    InputError,
    NameTakenError,
    NbtrailError,
    NotFoundError,
    StoreReadOnlyError,
    StoreTooNewError,
    StoreUnreadableError,
    StoreUnsupportedError,
)
from nbtrail.server.places import OutsideRootError

STATUSES: Final[tuple[tuple[type[NbtrailError], int], ...]] = (
    (OutsideRootError, HTTPStatus.FORBIDDEN),
    (NameTakenError, HTTPStatus.CONFLICT),
    (InputError, HTTPStatus.BAD_REQUEST),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (StoreUnreadableError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreTooNewError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreUnsupportedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreReadOnlyError, HTTPStatus.LOCKED),
)
"""The first row that fits counts; what fits none is 500."""


def status_of(error: BaseException | None, otherwise: int = HTTPStatus.INTERNAL_SERVER_ERROR) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), otherwise)


def error_payload(error: BaseException | None, status: int) -> dict[str, Any]:
    """The body that tells of an error."""
    if isinstance(error, NbtrailError):
        told: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
        if isinstance(error, FilterError):
            told["column"] = error.column
        return {"error": told}
    if isinstance(error, HTTPError):
        phrase = HTTPStatus(status).phrase
        message = error.log_message % error.args if error.log_message else f"{phrase}."
        return {"error": {"kind": phrase.title().replace(" ", ""), "message": message}}
    message = "Something went wrong inside nbtrail. The Jupyter server's log has the traceback."
    return {"error": {"kind": type(error).__name__ if error else "Unknown", "message": message}}
