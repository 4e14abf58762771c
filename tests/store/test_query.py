"""The filter language: what it reads, and where it says a mistake begins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nbtrail.errors import FilterError
from nbtrail.records import Names
from nbtrail.store.conditions import (
    METRIC_PARTS,
    RUN_FIELDS,
    STATUSES,
    And,
    Compare,
    Contains,
    Field,
    Not,
    Or,
    Present,
    Truth,
)
from nbtrail.store.query import parse_field, parse_filter, parse_sort

NAMES = Names(params=("depth", "lr", "model"), metrics=("acc", "val/loss", "model.score"), tags=("baseline", "sweep"))
ACC = Field("metrics", "acc")
LR = Field("params", "lr")


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_blank_filter_is_none(text):
    assert parse_filter(text) is None


def test_a_filter_becomes_a_small_tree():
    text = 'metrics.acc > 0.9 and (params.lr < 0.1 or "baseline" in tags) and not failed'
    assert parse_filter(text, NAMES) == And(
        (
            Compare(ACC, ">", 0.9),
            Or((Compare(LR, "<", 0.1), Contains(Field("run", "tags"), "baseline"))),
            Not(Compare(Field("run", "status"), "==", "failed")),
        )
    )


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("1 < params.lr", Compare(LR, ">", 1)),
        ("params.lr >= -1e-3", Compare(LR, ">=", -0.001)),
        ("params.lr in [1]", Or((Compare(LR, "==", 1),))),
        ("params.lr is None", Not(Present(LR))),
        ("starred", Truth(Field("run", "starred"))),
        ("params['lr'] == True", Compare(LR, "==", other=True)),
        ("params.lr == [1, 'a']", Compare(LR, "==", (1, "a"))),
        ("  metrics.acc >\n 0.9 # good", Compare(ACC, ">", 0.9)),
        ("params.Forest.n_estimators > 3", Compare(Field("params", "Forest.n_estimators"), ">", 3)),
        ("metrics.model.score > 3", Compare(Field("metrics", "model.score"), ">", 3)),
        ("metrics.model.score.min > 3", Compare(Field("metrics", "model.score", "min"), ">", 3)),
        ("metrics.min > 3", Compare(Field("metrics", "min"), ">", 3)),
        ("metrics['model.min'] > 3", Compare(Field("metrics", "model.min"), ">", 3)),
        ("params.größe > 3", Compare(Field("params", "größe"), ">", 3)),
        (r'name == "a\d"', Compare(Field("run", "name"), "==", r"a\d")),
    ],
)
def test_what_can_be_written(text, condition):
    assert parse_filter(text) == condition


@pytest.mark.parametrize(
    ("text", "pointed_at", "said"),
    [
        # names
        ("metrics.ac > 0.9", "ac >", "no run has the metric 'ac'.*Did you mean metrics.acc?"),
        ("metrics.val_loss < 1", "val_loss", r'Did you mean metrics\["val/loss"\]'),
        ('metrics["val/los"].min < 1', '"val/los"', r'Did you mean metrics\["val/loss"\]'),
        ("params.acc > 1", "acc", "no run has the param 'acc'.*Write metrics.acc."),
        ("metrics.acc.median > 1", "acc.median", "last, min, max, mean, count, step; 'median' is none"),
        ("params.zzz > 1", "zzz", "There are depth, lr, model."),
        ("acc > 0.9", "acc", "no field `acc`.*Write metrics.acc."),
        ("lr < 1 and acc > 0.9", "lr", "Write params.lr."),
        ("statsu == 'lost'", "statsu", "Did you mean status"),
        ("durration > 1", "durration", "Did you mean duration"),
        ("param.lr > 1", "param.lr", "no field `param.lr`.*Did you mean params"),
        ("zzzz > 1", "zzzz", "Fields are id, name"),
        ('"baselin" in tags', '"baselin"', "no run has the tag 'baselin'.*Did you mean 'baseline'"),
        ('status == "finnished"', '"finnished"', "no run has the status 'finnished'.*Did you mean 'finished'"),
        ("params > 3", "params", "`params` needs a name.*params.lr"),
        ("größe > 3 or ä.b > 1", "größe", "no field `größe`"),
        ('name == "größe" and acc > 1', "acc", "Write metrics.acc"),
        # slips
        ("metrics.acc = 0.9", "= 0.9", "`=` does not compare.*Write `==`"),
        ("name == 'a=b' and metrics.acc = 1", "= 1", "Write `==`"),
        ("metrics.acc > 0.9 & params.lr < 1", "& params", "`&` does not join conditions.*Write `and`"),
        ("running | failed", "| failed", "Write `or`"),
        ("running && failed", "&& failed", "Write `and`"),
        ("running || failed", "|| failed", "Write `or`"),
        ("!failed", "!failed", "Write `not`"),
        ("params.lr <> 3", "<>", "Write `!=`"),
        ("running AND failed", "AND", "Write `and` in lower case"),
        ("params.lambda > 3", "lambda", r'Write params\["lambda"\]'),
        ('params.model ~ "forest"', "~", '"forest" in params.model'),
        ("starred == true", "true", "Write True"),
        ("params.lr == null", "null", "Write None"),
        ("metrics.val/loss > 1", "metrics.val/loss", r'metrics\["val/loss"\]'),
        ("params.lr is True", "True", "`is` asks only for None"),
        ("metrics.acc >", "", "something is missing here"),
        ("(running", "(running", r"'\(' was never closed"),
        ("running or )", ")", r"unmatched '\)'"),
        ('name == "otter', '"otter', "the quote is not closed"),
        ("metrics.acc > > 1", "> 1", "this is not understood"),
        ("running and", "", "something is missing here"),
        # types
        ("metrics.acc", "metrics.acc", "is no condition by itself"),
        ("started", "started", "is no condition by itself"),
        ("metrics.acc > 'high'", "'high'", "metrics.acc is a number"),
        ("duration > '2 minutes'", "'2 minutes'", "It counts seconds"),
        ("name > 3", "3", "name is a text"),
        ("starred == 'yes'", "'yes'", "True or False"),
        ("started > 'soon'", "'soon'", "'soon' is no time.*2 days ago"),
        ("tags == 'baseline'", "tags", '"baseline" in tags'),
        ("3 in name", "3", "Write a text in quotes"),
        ("'a' in started", "started", "nothing can be in started"),
        ("params.lr in name", "params.lr", "a value in quotes belongs here"),
        ("params.model in 'forest'", "'forest'", "looks into a field or a list"),
        ("params.lr in []", "[]", "the list is empty"),
        ("params.lr > None", "None", "None has no order"),
        ("params.lr > [1]", "[1]", "lists have no order"),
        ("name == metrics.acc", "metrics.acc", "cannot be compared"),
        ("running == True", "running", "is a condition by itself"),
        ("1 < 2", "1", "compares two values"),
        ("True", "True", "a value, not a condition"),
        # what is never evaluated
        ("__import__('os')", "__import__", "calls are not understood"),
        ("name.startswith('a')", "name.startswith", "calls are not understood"),
        ("name.lower == 'a'", "name.lower", "`name` has no parts"),
        ("params.lr + 1 > 3", "params.lr + 1", "arithmetic is not understood"),
        ("params[0] > 1", "0", "a name in quotes belongs here"),
        ("params.lr == b'x'", "b'x'", "this is no value"),
        ("params.lr == 1j", "1j", "this is no value"),
        ("params.lr == {1: 2}", "{1: 2}", "this is not understood"),
        ("[x for x in tags]", "[x", "this is not understood"),
        ("lambda: 1", "lambda", "this is not understood"),
        (f"params.lr == 1{'0' * 400}", "1000", "too large"),
    ],
)  # fmt: skip
def test_a_mistake_is_pointed_at(text, pointed_at, said):
    with pytest.raises(FilterError, match=f"(?s){said}") as caught:
        parse_filter(text, NAMES)
    assert caught.value.column == (text.index(pointed_at) if pointed_at else len(text))
    assert caught.value.text == text


def test_the_column_counts_characters_of_the_text_as_it_was_given():
    with pytest.raises(FilterError) as caught:
        parse_filter('  "☃ü" in name\n and metrics.ac > 1', NAMES)
    assert caught.value.column == '  "☃ü" in name\n and metrics.ac > 1'.index("ac >")


@pytest.mark.parametrize("text", ["(" * 500 + "running" + ")" * 500, "not " * 10_000 + "running", "a\0b", "x" * 30_000])
def test_what_nobody_writes_is_refused_as_well(text):
    with pytest.raises(FilterError):
        parse_filter(text)


def test_a_filter_has_a_bounded_number_of_comparisons():
    with pytest.raises(FilterError, match="more than 1000 comparisons"):
        parse_filter(f"params.lr in {list(range(1001))}")


def test_without_names_any_name_is_taken():
    assert parse_filter("params.zzz > 1") == Compare(Field("params", "zzz"), ">", 1)


def test_a_tag_that_is_like_no_other_is_no_mistake():
    assert parse_filter('"brand-new" in tags', NAMES) == Contains(Field("run", "tags"), "brand-new")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("-started", (("started", True),)),
        ("-metrics.acc, name", (("metrics.acc", True), ("name", False))),
        ('metrics["val/loss"].min', (('metrics["val/loss"].min', False),)),
        ('-params["odd, name"]', (('params["odd, name"]', True),)),
        ("metrics['model.min']", (('metrics["model.min"]', False),)),
    ],
)
def test_sort_keys_are_read(text, keys):
    assert parse_sort(text) == keys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tags", "cannot be sorted by tags"),
        ("-acc", "no field `acc`"),
        ("name desc", "not understood"),
        ("3", "a field"),
    ],
)
def test_mistakes_in_sort_keys_are_errors(text, said):
    with pytest.raises(FilterError, match=said):
        parse_sort(text)


@pytest.mark.parametrize(
    "text", ["name", "duration", "params.lr", 'params["a b"]', 'metrics["x.min"]', "metrics.x.min"]
)
def test_a_field_is_read_from_what_sort_keys_write(text):
    ((written, _),) = parse_sort(text)
    assert written == text
    assert parse_field(written) == parse_field(text)


def test_every_filter_in_the_docs_can_be_read():
    guide = Path(__file__).parents[2] / "docs" / "filters.md"
    (examples,) = re.findall(r"```\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    assert len([parse_filter(line) for line in examples.splitlines()]) == 9


def test_every_field_is_in_the_docs():
    guide = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
    for word in (*RUN_FIELDS, *STATUSES, *(f".{part}" for part in METRIC_PARTS)):
        assert f"`{word}`" in guide or f'`"{word}"`' in guide
