"""The widgets: they know their state and nothing else. ``docs/widgets.md`` says what the states hold."""

from nbtrail.widgets.live_card import LiveCard
from nbtrail.widgets.runs_table import RunsTable

__all__ = ["LiveCard", "RunsTable"]
