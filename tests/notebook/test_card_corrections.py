"""What a card keeps of what was inferred, and what its buttons correct, in a real kernel."""

from __future__ import annotations

from nbtrail.notebook.card_bundle import CARD_MIME


def bundle(ran):
    """The card as the notebook keeps it."""
    return next(data for data in reversed([*ran.displays, *ran.updates]) if CARD_MIME in data)


def click(notebook, ran, action, name):
    """Send what the live card sends, and wait until the kernel has done it; gives the card that it shows then."""
    opened = [message["content"] for message in ran.messages if message["msg_type"] == "comm_open"]
    comm_id = next(one["comm_id"] for one in opened if "state" in one["data"]["state"])
    data = {"method": "custom", "content": {"action": action, "text": name}}
    message = notebook.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    notebook.client.shell_channel.send(message)
    shown = {}
    while True:
        heard = notebook.client.get_iopub_msg(timeout=60)
        if heard["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            if heard["msg_type"] == "update_display_data":
                shown = heard["content"]["data"]
            if heard["content"].get("execution_state") == "idle":
                return shown


def test_a_card_holds_what_is_proposed_as_an_exact_number_and_as_html(notebook):
    ran = notebook.run("%%track first\ngap = 1 / 3\nprint(gap)")
    (proposed,) = bundle(ran)[CARD_MIME]["proposed"]

    assert proposed == {
        "name": "gap", "value": "0.3333", "number": 1 / 3, "reason": "a computed number that the cell shows",
    }  # fmt: skip
    assert 'data-kind="proposed" data-name="gap"' in bundle(ran)["text/html"]


def test_a_proposed_number_that_is_none_for_json_is_named(notebook):
    ran = notebook.run("%%track first\ngap = float('1e999') - 1\nprint(gap)")

    assert [one["number"] for one in bundle(ran)[CARD_MIME]["proposed"]] == ["Infinity"]


def test_a_card_that_is_painted_again_can_be_told_from_the_one_before(notebook):
    begun = notebook.run("%track start first")
    ran = notebook.run("lr = 0.5\nacc = lr / 2")

    assert bundle(ran)[CARD_MIME]["painted"] > bundle(begun)[CARD_MIME]["painted"]


def test_a_click_on_the_live_card_leaves_a_name_out_of_its_run_and_of_the_project(notebook):
    notebook.run("lr = 0.5")
    ran = notebook.run("%%track first\nacc = lr / 4")

    shown = click(notebook, ran, "ignore", "lr")

    assert (notebook.params("first"), shown[CARD_MIME]["params"]) == ({}, [])
    assert 'data-name="lr"' not in shown["text/html"]
    notebook.run("%%track second\nacc = lr / 4")
    assert notebook.params("second") == {}


def test_a_click_on_the_live_card_takes_what_is_proposed(notebook):
    ran = notebook.run("%%track first\ngap = 1 / 3\nprint(gap)")

    shown = click(notebook, ran, "watch", "gap")

    assert notebook.metrics("first")["gap"].last == 1 / 3
    assert ([one["name"] for one in shown[CARD_MIME]["metrics"]], shown[CARD_MIME]["proposed"]) == (["gap"], [])
    notebook.run("%%track second\ngap = 1 / 8\nprint(gap)")
    assert notebook.metrics("second")["gap"].last == 1 / 8


def test_a_card_says_why_a_click_has_changed_nothing(notebook):
    ran = notebook.run("%%track first\ngap = 1 / 3\nprint(gap)")
    (notebook.root / ".nbtrail" / "settings.toml").write_text("[capture]\nignore = 3\n")

    shown = click(notebook, ran, "ignore", "gap")

    assert "settings.toml" in shown[CARD_MIME]["message"]
    assert [one["name"] for one in shown[CARD_MIME]["proposed"]] == ["gap"]
