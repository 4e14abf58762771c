"""The Jupyter server extension: JSON below ``nbtrail/api/``, and word of runs that moved on Jupyter's events bus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp

from nbtrail.server.desk import DESK, Desk
from nbtrail.server.live import EVENT_ID, EVENT_SCHEMA
from nbtrail.server.routes import ROUTES

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["NbtrailExtension"]


class NbtrailExtension(ExtensionApp):
    """Wires nbtrail into a Jupyter server, and closes what it opened when the server stops."""

    name = "nbtrail"

    def initialize_settings(self) -> None:
        """Set out the desk that all handlers share."""
        server = self.serverapp
        assert server is not None
        events = server.event_logger
        assert events is not None
        if EVENT_ID not in events.schemas:
            events.register_event_schema(EVENT_SCHEMA)

        def emit(moved: dict[str, Any]) -> None:
            events.emit(schema_id=EVENT_ID, data=moved)

        self.settings[DESK] = Desk(_root(server), emit, server.log)

    def initialize_handlers(self) -> None:
        """Add the routes; the base URL is put before them."""
        self.handlers.extend((rf"/nbtrail/api/{pattern}", handler) for pattern, handler in ROUTES)

    async def stop_extension(self) -> None:
        """Let go of the stores."""
        desk: Desk = self.settings[DESK]
        await desk.stop()


def _root(server: ServerApp) -> Path:
    """The folder that the contents manager shows: the files that a ``path`` can mean."""
    shown = getattr(server.contents_manager, "root_dir", None) or server.root_dir
    return Path(shown).absolute()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "nbtrail.server", "app": NbtrailExtension}]
