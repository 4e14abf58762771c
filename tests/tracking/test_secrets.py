"""What looks like a credential is masked, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import pytest

import nbtrail as nt
from nbtrail.changes import PointsLogged
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking.secrets import MASK, looks_secret, mask_change, mask_text, mask_value, remember_secrets
from nbtrail.tracking.secrets.known import KnownSecrets
from tests.tracking.credentials import KEPT, LETTERS, MASKED, MASKED_LISTS


@pytest.fixture
def environ():
    """The environment that is looked at."""
    return {}


@pytest.fixture
def mask(environ):
    """``mask_text`` in a process that has seen nothing yet."""
    return partial(mask_text, known=KnownSecrets(environ))


@pytest.mark.parametrize(("text", "secret"), MASKED, ids=[text[:40] for text, _ in MASKED])
def test_only_the_secret_is_replaced(text, secret, mask):
    assert mask(text.replace("§", secret)) == text.replace("§", MASK)


@pytest.mark.parametrize(("text", "secrets"), MASKED_LISTS, ids=[text[:40] for text, _ in MASKED_LISTS])
def test_of_several_secrets_each_is_replaced(text, secrets, mask):
    shown = text
    for secret in secrets:
        shown = shown.replace("§", secret, 1)

    assert mask(shown) == text.replace("§", MASK)


@pytest.mark.parametrize("text", KEPT, ids=[text[:40] for text in KEPT])
def test_what_is_no_secret_stays_byte_for_byte(text, mask):
    assert mask(text) == text


@pytest.mark.parametrize(("text", "secret"), MASKED, ids=[text[:40] for text, _ in MASKED])
def test_what_is_masked_once_does_not_change_any_more(text, secret, mask):
    masked = mask(text.replace("§", secret))

    assert mask(masked) == masked


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "db_password2",
        "pwd",
        "smtp_pass",
        "api_key",
        "API-KEY",
        "apiKey",
        "hf_token",
        "client_secret",
        "auth.token",
        "AWS_SECRET_ACCESS_KEY",
        "X-Auth-Token",
        "userPassword",
        "creds",
    ],
)
def test_names_that_people_give_to_credentials_are_known(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "lr",
        "tokenizer",
        "token_count",
        "secretary",
        "max_tokens_per_batch",
        "key",
        "pad_token",
        "max_tokens",
        "sort_keys",
        "password_column",
        "n_pass",
        "first_pass",
        "public_key",
        "author",
        "monkey",
        "token_ids",
        "primary_key",
    ],
)
def test_names_that_only_sound_alike_are_left_alone(name):
    assert not looks_secret(name)


def test_a_value_of_the_environment_is_masked_wherever_it_is_printed(environ, mask):
    environ["OPENAI_API_KEY"] = "correct horse battery"

    assert mask("[correct horse battery]") == f"[{MASK}]"


def test_a_variable_that_is_set_while_the_notebook_runs_counts_at_once(environ, mask):
    mask("before")
    environ["DB_PASSWORD"] = "lovelace & babbage"

    assert mask("<td>lovelace &amp; babbage</td>") == f"<td>{MASK}</td>"


def test_a_variable_that_is_changed_does_not_make_its_earlier_value_public(environ, mask):
    environ["DB_PASSWORD"] = "the-first-one"
    mask("before")
    environ["DB_PASSWORD"] = "the-second-one"

    assert mask("the-first-one the-second-one") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("STAGE_NAME", "production"), ("API_KEY", "short"), ("GOOGLE_APPLICATION_CREDENTIALS", "/home/ada/key.json")],
)
def test_other_variables_short_values_and_paths_are_no_secrets(environ, name, value, mask):
    environ[name] = value

    assert mask(f"the {value} one") == f"the {value} one"


def test_what_was_masked_under_a_name_is_masked_when_it_is_printed_later(mask):
    mask('password = "hunter2hunter2"')

    assert mask("it is hunter2hunter2") == f"it is {MASK}"


def test_a_secret_of_letters_is_not_cut_out_of_longer_words():
    known = KnownSecrets({})
    remember_secrets({"password": "lovelace", "user": "babbage-1"}, known=known)

    assert mask_text("lovelace, lovelaces, babbage-1", known=known) == f"{MASK}, lovelaces, babbage-1"


def test_a_word_that_stood_behind_a_name_is_not_masked_in_other_texts(mask):
    mask('db_password = "development"')

    assert mask("in development") == "in development"


def test_a_placeholder_is_not_known_as_a_secret(mask):
    mask('password = "password"; api_key = "your-api-key"')

    assert mask("fill in your-api-key and password") == "fill in your-api-key and password"


def test_only_the_last_secrets_are_held(mask):
    for number in range(300):
        mask(f'password = "hunter-{number:03}-hunter"')

    assert mask("hunter-000-hunter hunter-299-hunter") == f"hunter-000-hunter {MASK}"


def test_params_are_masked_throughout_and_numbers_are_not():
    value = {"user": "ada", "password": "lovelace", "max_tokens": 512, "urls": ["http://a:b@c"], "pad_token": "<pad>"}

    assert mask_value("db", value) == value | {"password": MASK, "urls": [f"http://a:{MASK}@c"]}


def test_every_leaf_under_a_secret_key_is_masked():
    value = {"prod": ["one", {"user": "ada", "pin": 1234}], "is_on": True, "none": None}

    assert mask_value("credentials", value) == {
        "prod": [MASK, {"user": MASK, "pin": MASK}],
        "is_on": True,
        "none": None,
    }


def test_a_param_that_was_masked_is_known_from_then_on():
    known = KnownSecrets({})
    mask_value("api_key", "hunter2hunter2", known=known)

    assert mask_text("hunter2hunter2", known=known) == MASK


def test_words_under_token_are_no_secrets_in_params_either():
    assert mask_value("token", ["the", "cat", LETTERS]) == ["the", "cat", MASK]


def test_points_pass_untouched():
    points = PointsLogged.of(run_id="r", at=0.0, points=(("acc", 0, 0.9),))

    assert mask_change(points) is points


def test_names_tags_notes_params_and_errors_of_a_run_are_masked(project, read):
    with nt.start_run("try password=hunter2-hunter2", tags=["token=hunter2-hunter2"], note="hunter2-hunter2") as run:
        run.set_params({"db": {"password": "hunter2-hunter2"}, "url": "at hunter2-hunter2"})
        run.log_artifact(b"x", name="hunter2-hunter2.bin")
        run.finish("failed", "ValueError: no hunter2-hunter2")

    stored = read(lambda store: store.runs(RunQuery())[0])
    params = {one.key: one.value for one in read(lambda store: store.params([run.id]))}
    assert stored.name == run.name == f"try password={MASK}"
    assert (stored.tags, stored.note, stored.error) == ((f"token={MASK}",), MASK, f"ValueError: no {MASK}")
    assert run.error == stored.error
    assert params == {"db": {"password": MASK}, "url": f"at {MASK}"}
    assert [one.path for one in read(lambda store: store.artifacts(run.id))] == [f"{MASK}.bin"]


def test_an_exception_is_masked_before_it_is_shortened(project, read):
    """A secret that the cut goes through would be left half."""
    with pytest.raises(ValueError, match="hunter"), nt.start_run():
        raise ValueError("x" * 470 + " password=hunter2hunter2hunter2")

    assert "hunter2" not in read(lambda store: store.runs(RunQuery())[0].error)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        ":",
        "=",
        '"',
        "'",
        " ",
        "\\",
        "ey",
        "p@:",
        "aB3+/",
        "password=",
        "token=",
        "token=a1,",
        'password="',
        "password='''",
        'api_keys=["',
        "-----BEGIN PRIVATE KEY-----",
        "http://a:b@",
        "a, password = 1, 'x'\n",
        "login(",
        "curl -u ",
        "\nX_KEY=",
        "İ",
    ],
)
def test_no_text_takes_long(piece):
    """Every output passes through here; a pattern that backtracks would hold the kernel for minutes."""
    script = f"from nbtrail.tracking.secrets import mask_text; mask_text(({piece!r} * 200_000)[:200_000])"

    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
