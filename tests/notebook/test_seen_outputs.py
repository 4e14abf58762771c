"""Recorded outputs are what the user ends up seeing, in that order."""

from __future__ import annotations

import hashlib

import pytest

PIXEL = "b'\\x89PNG\\r\\n\\x1a\\n' + bytes(range(200))"


@pytest.fixture
def seen(notebook):
    """Runs a cell as a run; gives each of its outputs as its kind and its texts by mime type."""

    def run(source):
        ran = notebook.run(f"%%track a\n{source}")
        assert ran.stderr == "" or "sys.stderr" in source
        groups = {}
        for one in notebook.outputs(notebook.executions("a")[-1].id):
            groups.setdefault((one.bundle, one.kind), {})[one.mime] = one.text if one.blob is None else one.blob
        return [(kind, texts) for (_, kind), texts in groups.items()]

    return run


def test_prints_displays_and_results_keep_their_order(seen):
    source = (
        "import sys\nprint('a')\ndisplay('b')\nprint('c', flush=True)\n"
        "print('d', file=sys.stderr, flush=True)\nprint('e')\n'f'"
    )
    assert seen(source) == [
        ("stream", {"text/x-stdout": "a\n"}),
        ("display", {"text/plain": "'b'"}),
        ("stream", {"text/x-stdout": "c\n"}),
        ("stream", {"text/x-stderr": "d\n"}),
        ("stream", {"text/x-stdout": "e\n"}),
        ("result", {"text/plain": "'f'"}),
    ]


def test_a_display_that_is_updated_shows_its_last_state_at_its_first_place(seen):
    source = "h = display('0 %', display_id=True)\nprint('between')\nh.update('100 %')"
    assert seen(source) == [
        ("display", {"text/plain": "'100 %'"}),
        ("stream", {"text/x-stdout": "between\n"}),
    ]


def test_what_clear_output_takes_away_is_not_recorded(seen):
    source = (
        "from IPython.display import clear_output\n"
        "for i in range(5):\n    clear_output(wait=True)\n    print('step', i)\n    display(i)"
    )
    assert seen(source) == [("stream", {"text/x-stdout": "step 4\n"}), ("display", {"text/plain": "4"})]


def test_a_clear_that_waits_for_an_output_that_never_comes_clears_nothing(seen):
    source = "from IPython.display import clear_output\nprint('stays')\nclear_output(wait=True)"
    assert seen(source) == [("stream", {"text/x-stdout": "stays\n"})]


def test_progress_lines_are_recorded_as_they_end_up(seen):
    source = "for i in range(101):\n    print(f'\\r{i} %', end='', flush=True)\nprint()"
    assert seen(source) == [("stream", {"text/x-stdout": "100 %\n"})]


def test_a_progress_bar_of_a_notebook_is_recorded_as_it_ends_up(seen):
    source = "from tqdm.notebook import tqdm\nfor i in tqdm(range(3)):\n    pass"
    ((kind, texts),) = seen(source)

    assert kind == "display"
    assert "3/3" in texts["text/plain"]


def test_every_representation_of_a_display_is_recorded_as_one_output(seen):
    bundle = {
        "text/html": "<b>x</b>", "text/latex": "$x$", "text/markdown": "**x**", "application/json": {"x": [1]},
        "application/javascript": "x = 1", "application/vnd.vegalite.v5+json": {"mark": "bar"},
        "application/vnd.plotly.v1+json": {"data": []}, "text/plain": "x",
    }  # fmt: skip
    ((kind, texts),) = seen(f"display({bundle!r}, raw=True)")

    assert kind == "display"
    assert texts["text/html"] == "<b>x</b>"
    assert texts["application/vnd.vegalite.v5+json"] == '{"mark": "bar"}'
    assert set(texts) == set(bundle)


def test_the_same_image_twice_is_stored_once(seen, notebook):
    image = f"from IPython.display import Image\ndisplay(Image({PIXEL}))\ndisplay(Image({PIXEL}))"
    (_, first), (_, second) = seen(image)

    assert first["image/png"] == second["image/png"]
    assert len(list((notebook.root / ".nbtrail" / "blobs").glob("??/*"))) == 1


def test_a_long_table_is_a_blob(seen):
    ((_, texts),) = seen("display({'text/html': '<td>' * 100_000, 'text/plain': 'table'}, raw=True)")

    assert texts["text/html"] == hashlib.sha256(b"<td>" * 100_000).hexdigest()


def test_of_very_many_displays_the_first_are_kept_and_the_rest_is_counted(seen):
    outputs = seen("for i in range(1_200):\n    display(i)")

    assert len(outputs) == 1_001
    assert outputs[-1] == ("display", {"text/plain": "[… 200 more outputs left out …]"})


def test_what_an_earlier_cell_left_running_prints_is_not_the_next_cells(seen, notebook):
    notebook.run(
        "import asyncio\ngo = asyncio.Event()\n"
        "async def wait():\n    await go.wait()\n    print('late', flush=True)\ntask = asyncio.ensure_future(wait())"
    )
    assert seen("go.set()\nawait task\nprint('now')") == [("stream", {"text/x-stdout": "now\n"})]


def test_a_card_that_its_cell_cleared_is_put_out_again(notebook):
    ran = notebook.run(
        "%%track a\nfrom IPython.display import clear_output\nclear_output()\nprint('plot')\nacc = 1 / 2"
    )

    order = [one["msg_type"] for one in ran.messages if one["msg_type"] in {"stream", "display_data", "clear_output"}]
    assert order == ["display_data", "clear_output", "stream", "display_data"]
    assert "0.5" in ran.updates[-1]["text/plain"]
