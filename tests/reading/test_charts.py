"""Comparisons as charts."""

from __future__ import annotations

import base64
import json
import math

import altair as alt
import numpy as np
import pytest
import vl_convert

from nbtrail.errors import InputError, MetricNotFoundError, RunNotFoundError
from nbtrail.reading.charts import compare, draw_comparison, prepare_comparison, vegalite5
from nbtrail.settings import Settings

OLDEST_VEGALITE = "5.8"


def fall(count=200, low=0.3, pace=12.0):
    return list(low + np.exp(-np.arange(count) / pace))


def prepared(shelf, runs, metric=None, **settings):
    return prepare_comparison(shelf.store, runs, metric, Settings(**settings))


def svg(spec, capfd, version=OLDEST_VEGALITE):
    """The picture as text; a warning of the compiler fails the test."""
    picture = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=version, show_warnings=True)
    assert capfd.readouterr().err == ""
    return picture


def values_of(spec, data):
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


def packed_lines(spec):
    return values_of(spec, spec["hconcat"][0]["data"])


# --- what is shown ---------------------------------------------------------------------------------


def test_the_held_out_loss_is_drawn_and_the_score_stands_beside_it(shelf):
    run = shelf.add("swift-otter", metrics={"loss": fall(), "val_loss": fall(), "val_acc": fall(), "acc": 0.9})

    data = prepared(shelf, [run])

    assert data.metric == "val_loss"
    assert list(data.finals["metric"]) == ["val_acc", "acc", "loss"]


def test_the_metric_with_curves_in_most_runs_is_drawn(shelf):
    one = shelf.add("one", metrics={"val_loss": fall(), "train_loss": fall()})
    two = shelf.add("two", metrics={"train_loss": fall()})

    assert prepared(shelf, [one, two]).metric == "train_loss"


def test_the_projects_metric_is_drawn_if_it_has_curves(shelf):
    run = shelf.add("one", metrics={"val_loss": fall(), "f1": fall(), "acc": 0.9})

    assert prepared(shelf, [run], metric=None).metric == "val_loss"
    assert prepare_comparison(shelf.store, [run], None, Settings(metric="f1")).metric == "f1"
    assert prepare_comparison(shelf.store, [run], None, Settings(metric="acc")).metric == "val_loss"


def test_a_metric_can_be_asked_for(three):
    runs = [three.store.run("swift-otter"), three.store.run("calm-heron")]

    data = prepared(three, runs, "acc")

    assert data.metric == "acc"
    assert data.curves.empty
    assert data.finals["metric"][0] == "acc"


def test_a_metric_that_no_run_has_is_an_error(three):
    with pytest.raises(MetricNotFoundError, match="Did you mean 'val_loss'"):
        compare("swift-otter", metric="valloss", project=three.project)


def test_settings_say_which_way_is_better(shelf):
    run = shelf.add("one", metrics={"score": 3.0, "loss": 1.0})

    data = prepared(shelf, [run], directions={"score": "min"})

    assert data.better == {"score": "min", "loss": "min"}


def test_at_most_four_final_metrics_are_shown(shelf):
    run = shelf.add("one", metrics={f"metric_{number}": number for number in range(9)})

    assert len(prepared(shelf, [run]).finals) == 4


def test_colours_follow_the_order_of_the_runs(three):
    runs = [three.store.run(name) for name in ("bold-lynx", "swift-otter")]

    assert prepared(three, runs).colors == {"bold-lynx": "#1f77b4", "swift-otter": "#e07b39"}


def test_long_curves_are_thinned_to_a_thousand_points_a_run(shelf):
    run = shelf.add("long", metrics={"loss": fall(3000, pace=500)})

    data = prepared(shelf, [run])

    assert len(data.curves) == 1000
    assert data.curves["step"].iloc[-1] == 2999


def test_values_far_from_zero_keep_their_differences(shelf):
    run = shelf.add("one", metrics={"loss": [10_000.001, 10_000.002, 10_000.003]})

    assert prepared(shelf, [run]).curves["value"].nunique() == 3


def test_steps_that_go_back_begin_another_part_of_the_line(shelf):
    run = shelf.add("resumed", metrics={"loss": ([0, 1, 2, 1, 2, 3], [3.0, 2.0, 1.0, 2.0, 1.0, 0.5])})

    curves = prepared(shelf, [run]).curves

    assert list(curves["part"]) == [0, 0, 0, 1, 1, 1]
    assert list(curves["step"]) == [0, 1, 2, 1, 2, 3]


def test_steps_in_no_order_are_sorted_into_one_line(shelf):
    run = shelf.add("shuffled", metrics={"loss": ([9, 0, 8, 1, 7, 2, 6, 3, 5, 4, 3, 2, 1, 0, 9, 0], [1.0] * 16)})

    curves = prepared(shelf, [run]).curves

    assert set(curves["part"]) == {0}
    assert curves["step"].is_monotonic_increasing


def test_nan_and_inf_are_gaps_in_curves_and_named_among_the_dots(shelf, capfd):
    loss = [1.0, math.nan, 0.5, math.inf, 0.4, 0.3]
    run = shelf.add("burst", metrics={"loss": loss, "acc": math.nan, "f1": -math.inf})

    spec = vegalite5(draw_comparison(prepared(shelf, [run])))

    assert packed_lines(spec)[0]["values"] == "1  0.5  0.4 0.3"
    picture = svg(spec, capfd)
    assert ">NaN<" in picture
    assert ">-inf<" in picture
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


# --- the chart -------------------------------------------------------------------------------------


def test_a_comparison_shows_its_runs_metrics_and_which_way_is_better(three, capfd):
    picture = svg(vegalite5(compare("swift-otter", "calm-heron", project=three.project)), capfd)

    for text in ("swift-otter", "calm-heron", "val_loss", "step", "acc (higher is better)"):
        assert f">{text}<" in picture


@pytest.mark.parametrize("version", ["5.8", "5.21", "6.1"])
def test_every_vega_lite_in_use_draws_it_without_a_warning(three, capfd, version):
    spec = vegalite5(compare("swift-otter", "calm-heron", "bold-lynx", project=three.project))

    assert svg(spec, capfd, version).count("#1f77b4") > 1


def test_one_run_alone_can_be_drawn(three, capfd):
    assert ">val_loss<" in svg(vegalite5(compare("bold-lynx", project=three.project)), capfd)


def test_runs_without_curves_are_drawn_as_dots(shelf, capfd):
    runs = [shelf.add("one", metrics={"acc": 0.9}), shelf.add("two", metrics={"acc": 0.9, "rmse": 3.0})]

    picture = svg(vegalite5(draw_comparison(prepared(shelf, runs))), capfd)

    assert ">rmse (lower is better)<" in picture
    assert ">step<" not in picture


def test_runs_without_metrics_give_a_chart_that_says_so(shelf, capfd):
    run = shelf.add("bare")

    assert "no metrics yet" in svg(vegalite5(draw_comparison(prepared(shelf, [run]))), capfd)


def test_fifty_runs_are_cut_to_forty_with_a_note(shelf, capfd):
    runs = [shelf.add(f"run-{number}", metrics={"loss": fall(5), "acc": number / 50}) for number in range(50)]

    picture = svg(vegalite5(draw_comparison(prepared(shelf, runs))), capfd)

    assert "The first 40 of 50 runs." in picture
    assert ">run-39<" in picture
    assert ">run-40<" not in picture


def test_lines_of_the_same_colour_have_different_dashes(shelf):
    runs = [shelf.add(f"run-{number}", metrics={"loss": fall(5)}) for number in range(9)]

    encoding = vegalite5(draw_comparison(prepared(shelf, runs)))["hconcat"][0]["layer"][0]["encoding"]

    colors, dashes = encoding["color"]["scale"]["range"], encoding["strokeDash"]["scale"]["range"]
    assert len({(color, *dash) for color, dash in zip(colors, dashes, strict=True)}) == 9


def test_a_point_between_two_gaps_is_drawn_as_a_dot(shelf):
    run = shelf.add("gaps", metrics={"loss": [1.0, math.nan, 0.5, math.nan, 0.4, 0.3]})

    spec = vegalite5(draw_comparison(prepared(shelf, [run])))

    dots = values_of(spec, spec["hconcat"][0]["layer"][-1]["data"])
    assert [point["step"] for point in dots] == [0, 2]


def test_a_click_in_the_legend_highlights_and_dragging_moves(three):
    spec = vegalite5(compare("swift-otter", "calm-heron", project=three.project))

    kinds = {param["select"]["type"]: param["bind"] for param in spec["params"]}
    assert kinds == {"point": "legend", "interval": "scales"}


def test_twenty_lines_of_a_thousand_points_stay_below_400_kilobytes(shelf):
    rng = np.random.default_rng(0)
    steps = range(0, 500_000, 100)
    runs = [shelf.add(f"depth six number {n}", metrics={"loss": (steps, rng.normal(size=5000))}) for n in range(20)]

    data = prepared(shelf, runs)
    text = json.dumps(vegalite5(draw_comparison(data)))

    assert len(data.curves) > 19_000
    assert len(text.encode()) < 400_000


def test_equal_comparisons_have_equal_specifications(three):
    one, other = (vegalite5(compare("swift-otter", "bold-lynx", project=three.project)) for _ in range(2))

    assert json.dumps(one) == json.dumps(other)


def test_a_comparison_can_be_put_beside_other_charts(three, capfd):
    chart = compare("swift-otter", "calm-heron", project=three.project)
    other = alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q")

    for combined in (chart | other, chart & other, chart.properties(title="Mine")):
        assert ">calm-heron<" in svg(vegalite5(combined), capfd)


def test_runs_can_be_given_as_objects_and_a_run_twice_counts_once(three):
    chart = compare(three.store.run("swift-otter"), "swift-otter", project=three.project)

    assert len(packed_lines(vegalite5(chart))) == 1


def test_no_run_and_unknown_runs_are_errors(three):
    with pytest.raises(InputError, match="at least one run"):
        compare(project=three.project)
    with pytest.raises(RunNotFoundError):
        compare("nobody", project=three.project)


# --- display ---------------------------------------------------------------------------------------


def test_jupyter_gets_vega_lite_5_a_picture_and_a_text_but_no_html(three):
    data, metadata = compare("swift-otter", "calm-heron", project=three.project)._repr_mimebundle_()

    assert set(data) == {"application/vnd.vegalite.v5+json", "image/png", "text/plain"}
    assert data["application/vnd.vegalite.v5+json"]["$schema"].endswith("/v5.json")
    assert data["text/plain"] == "val_loss by step of swift-otter, calm-heron"
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert 300 < metadata["image/png"]["width"] < 1000


def test_the_theme_is_left_to_jupyter_and_text_has_no_colour_of_its_own(three):
    spec = vegalite5(compare("swift-otter", "calm-heron", project=three.project))

    assert "background" not in spec
    assert "background" not in spec.get("config", {})
    assert '"labelColor"' not in json.dumps(spec)


def test_altairs_settings_are_left_alone_and_do_not_matter(three):
    chart = compare("swift-otter", "calm-heron", project=three.project)
    expected = vegalite5(chart)["hconcat"]

    with alt.data_transformers.enable("json"), alt.renderers.enable("mimetype"), alt.theme.enable("dark"):
        data, _ = chart._repr_mimebundle_()
        assert (alt.data_transformers.active, alt.renderers.active, alt.theme.active) == ("json", "mimetype", "dark")

    assert data["application/vnd.vegalite.v5+json"]["hconcat"] == expected


def test_vegafusion_does_not_get_in_the_way(three):
    chart = compare("swift-otter", project=three.project)

    with alt.data_transformers.enable("vegafusion"):
        assert packed_lines(vegalite5(chart))[0]["run"] == "swift-otter"
