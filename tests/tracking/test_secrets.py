"""What looks like a credential is masked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nbtrail.tracking.secrets import MASK, looks_secret, mask_text, mask_value


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "api_key", "API-KEY", "hf_token", "client_secret", "auth.token"]
)
def test_names_that_people_give_to_credentials_are_known(name):
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["lr", "tokenizer", "token_count", "secretary", "max_tokens_per_batch", "key"])
def test_names_that_only_sound_alike_are_left_alone(name):
    assert not looks_secret(name)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "hf_" + "aB3" * 12,
        "sk-proj-" + "x9" * 12,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    ],
)
def test_well_known_shapes_of_tokens_are_masked_wherever_they_stand(secret):
    assert mask_text(f"client = connect({secret!r})") == f"client = connect('{MASK}')"


def test_only_the_value_of_an_assignment_is_masked_so_that_the_code_stays_readable():
    assert mask_text('db_password = "hunter22"  # mine') == f'db_password = "{MASK}"  # mine'


def test_a_password_inside_an_address_is_masked():
    assert mask_text("postgresql://ada:lovelace@db/runs") == f"postgresql://ada:{MASK}@db/runs"


def test_a_private_key_is_masked_whole():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----"

    assert mask_text(f"key = '''{key}'''") == f"key = '''{MASK}'''"


def test_params_are_masked_throughout_and_numbers_are_not():
    value = {"user": "ada", "password": "lovelace", "max_tokens": 512, "urls": ["http://a:b@c"]}

    assert mask_value("db", value) == {
        "user": "ada",
        "password": MASK,
        "max_tokens": 512,
        "urls": [f"http://a:{MASK}@c"],
    }


def test_a_long_line_is_looked_through_in_no_time():
    """Every output passes through here; a pattern that backtracks would hold the kernel for a minute."""
    script = (
        "from nbtrail.tracking.secrets import mask_text; [mask_text(text * 200_000) for text in ('a', 'ey', 'p@:')]"
    )

    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
