"""What goes over the wire is what the golden files say; the front end's tests read the same files."""

from __future__ import annotations

from nbtrail.server.live import EVENT_SCHEMA
from tests.server.world import HERON, OTTER


async def test_a_page_of_runs_is_the_golden_one(ask, project, golden):
    page = golden("runs_page")
    page["project"] |= {"id": project.id, "root": str(project.root)}

    assert (await ask("GET", "runs")).body == page


async def test_groups_are_the_golden_ones(ask, project, golden):
    answer = await ask("GET", "groups", by="notebook", filter="metrics.acc > 0")

    assert answer.body == golden("groups")


async def test_the_details_of_a_run_are_the_golden_ones(ask, project, golden):
    assert (await ask("GET", f"runs/{OTTER}")).body == golden("run_details")


async def test_an_edit_answers_with_the_golden_row(ask, project, golden):
    answer = await ask("PATCH", f"runs/{OTTER}", {"note": "why it works"})

    assert answer.body == golden("run_row") | {"revision": 6}


async def test_a_comparison_is_the_golden_one_but_for_the_chart(ask, project, golden):
    """The chart's text changes with each release of Altair; what makes it a chart for JupyterLab does not."""
    comparison = (await ask("POST", "compare", {"runs": [OTTER, HERON]})).body
    spec, shown = comparison.pop("spec"), golden("comparison")

    assert comparison == {key: value for key, value in shown.items() if key != "spec"}
    assert spec["$schema"] == shown["spec"]["$schema"]


async def test_an_error_is_the_golden_one(ask, project, golden):
    assert (await ask("GET", "runs", filter="metrics.ac > 0.9")).body == golden("error")


async def test_the_golden_event_is_one_that_the_schema_allows(golden, jp_serverapp):
    event = golden("event")

    jp_serverapp.event_logger.schemas.validate_event(EVENT_SCHEMA["$id"], event)
    assert event.keys() == EVENT_SCHEMA["properties"].keys()
