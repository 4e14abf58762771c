"""What a notebook keeps of a card; the front end's tests read the same file."""

from __future__ import annotations

import json
from pathlib import Path

from nbtrail.notebook.card_bundle import CARD_MIME, card_bundle
from nbtrail.notebook.card_state import card_state
from nbtrail.records import Metric, Param
from nbtrail.tracking import Curve, Snapshot
from nbtrail.tracking.summary import Proposed

GOLDEN = Path(__file__).parents[1] / "wire" / "card.json"
RUN = "01K5J000000000000000000004"


def snapshot(**other):
    acc = {"last": 0.9, "last_step": 0, "min": 0.9, "min_step": 0, "max": 0.9, "max_step": 0, "sum": 0.9, "count": 1}
    known = {
        "run_id": RUN,
        "name": "swift-otter",
        "status": "finished",
        "error": None,
        "started": 1790000000.25,
        "ended": 1790000042.25,
        "step": None,
        "total": None,
        "params": (Param(run_id=RUN, key="lr", value=0.09, origin="inferred", reason="literal in cell 1"),),
        "metrics": (Metric(run_id=RUN, key="acc", **acc),),
        "curves": (),
        "tags": ("baseline",),
        "note": "",
        "proposed": (Proposed("gap", 1 / 3, "a computed number that the cell shows"),),
    }
    return Snapshot(**(known | other))


def test_the_bundle_is_that_of_the_golden_file():
    assert card_bundle(card_state(snapshot(), cell=2), now=1790000042.5) == json.loads(GOLDEN.read_text())


def test_a_notebook_keeps_the_curves_that_are_drawn_in_few_digits():
    curves = tuple(Curve(f"m{i}", (0, 1), (1 / 3, float("nan"))) for i in range(9))

    kept = card_bundle(card_state(snapshot(curves=curves)), now=0.0)[CARD_MIME]["curves"]

    assert [curve["metric"] for curve in kept] == ["m0", "m1", "m2"]
    assert kept[0]["values"] == [0.333333, None]


def test_what_is_proposed_without_end_is_cut_on_the_card():
    proposed = tuple(Proposed(f"n{i}", 1.0, "printed") for i in range(50))

    assert len(card_state(snapshot(proposed=proposed))["proposed"]) == 12
