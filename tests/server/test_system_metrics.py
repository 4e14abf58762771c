"""What was measured of the machine is in a run's details, and in no list."""

from __future__ import annotations

import pytest

from nbtrail.changes import PointsLogged
from tests.server import world


@pytest.fixture
def project(make_project):
    """The project of the golden files; the machine was measured during one of its runs."""

    def fill(store):
        world.fill(store)
        points = (("system/cpu_percent", 1, 40.0), ("system/cpu_percent", 3, 44.0))
        reason = "sampled in the background every 10 s"
        store.apply([PointsLogged.of(run_id=world.OTTER, at=world.T, points=points, origin="system", reason=reason)])

    return make_project(fill=fill)


async def test_the_details_of_a_run_have_them_and_say_where_they_come_from(ask, project):
    details = (await ask("GET", f"runs/{world.OTTER}")).body

    (one,) = [metric for metric in details["metrics"] if metric["origin"] == "system"]
    assert (one["key"], one["last"], one["count"]) == ("system/cpu_percent", 44.0, 2)
    assert one["reason"] == "sampled in the background every 10 s"
    assert "system/cpu_percent" not in details["run"]["metrics"]


async def test_rows_and_the_choice_of_metrics_do_not_have_them(ask, project, golden):
    page, expected = (await ask("GET", "runs")).body, golden("runs_page")

    assert [run["metrics"] for run in page["runs"]] == [run["metrics"] for run in expected["runs"]]
    assert [run["spark"] for run in page["runs"]] == [run["spark"] for run in expected["runs"]]
    assert page["metrics"] == expected["metrics"]


async def test_a_filter_may_name_them_and_completion_offers_them(ask, project):
    page = (await ask("GET", "runs", filter='metrics["system/cpu_percent"].max > 43')).body

    assert [run["name"] for run in page["runs"]] == ["swift-otter"]
    assert "system/cpu_percent" in page["names"]["metrics"]


async def test_a_comparison_neither_lists_nor_draws_them(ask, project):
    comparison = (await ask("POST", "compare", {"runs": [world.OTTER, world.HERON]})).body

    assert "system/" not in str(comparison)
