"""Names that people give to credentials."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

Kind = Literal["secret", "token", "tokens", "setting"]
"""How sure a name is. ``secret``: whatever it is given. ``token``, ``tokens``: language models have those too, so the
value must look like a credential. ``setting``: ``X_KEY``, which counts where environment variables are set."""

_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CERTAIN: Final = re.compile(
    r"(?:pg|my|db|user|mysql)?pass(?:word|wd|phrase|code)s?|pwd|secrets?|credentials?|creds|authorization"
    r"|(?:api|access|secret|private)keys?|(?:access|auth|api)tokens?"
)
_KEYS_OF: Final = re.compile(
    r"api|access|private|secret|encryption|decryption|signing|auth|account|storage|subscription|master|service|ssh"
    r"|consumer|app|admin|webhook|bot|deploy|crypto|fernet|hmac|jwt|license|sas|shared|root|aws|azure|openai|anthropic|hf"
    r"|huggingface|wandb|gcp|google|stripe|sendgrid|mailgun|twilio|datadog|pinecone|cohere|mistral|groq|deepseek"
    r"|replicate|serpapi|tavily|langchain|langsmith|kaggle|weaviate|qdrant|algolia|comet|neptune"
)
_TOKENS_OF: Final = re.compile(
    r"access|auth|api|bearer|refresh|id|session|security|oauth|hf|huggingface|hub|github|gh|gitlab|slack|bot|npm|pypi"
    r"|wandb|jwt|csrf|xsrf|sas|user|private|personal|deploy|admin|login|client|service|vault|aws|secret|kaggle|telegram"
    r"|discord|mapbox|sentry|jupyter|x|upload|web|my"
)
_PASSES_OF: Final = re.compile(r"db|database|user|admin|root|smtp|mail|email|ftp|mysql|pg|postgres|redis|login|my")
_OWN_KEYS: Final = frozenset({"public", "gpg"})


def looks_secret(name: str) -> bool:
    """Whether a name is one that people give to credentials, such as ``db_password`` or ``API_KEY``."""
    return kind_of(name) not in {None, "setting"}


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind | None:
    """How sure it is that a name stands for a credential; ``None`` where it is none.

    Only its end counts: ``token_count`` and ``password_column`` name something else.
    """
    parts = [part.lower() for part in _PART.findall(name)]
    while parts and parts[-1].isdigit():
        parts.pop()
    last, before = [*parts[:-3:-1], "", ""][:2]
    if _CERTAIN.fullmatch(last) or (last == "pass" and _PASSES_OF.fullmatch(before)):
        return "secret"
    if last in {"key", "keys"}:
        return _kind_of_key(name, before)
    if last in {"token", "tokens"}:
        return _kind_of_token(last, before, is_alone=len(parts) == 1)
    return "setting" if last == "pat" and before and name.isupper() else None


def is_plain_name(value: str) -> bool:
    """Whether a value is itself but a name, such as ``OPENAI_API_KEY`` or ``password``."""
    return _CERTAIN.fullmatch(value.lower()) is not None or (
        value.isupper() and value.isidentifier() and kind_of(value) is not None
    )


def _kind_of_key(name: str, before: str) -> Kind | None:
    if _KEYS_OF.fullmatch(before):
        return "secret"
    return "setting" if name.isupper() and name.endswith("KEY") and before and before not in _OWN_KEYS else None


def _kind_of_token(last: str, before: str, *, is_alone: bool) -> Kind | None:
    """``pad_token``, ``next_token``, ``max_tokens`` belong to texts; ``hf_token`` opens a door."""
    if _TOKENS_OF.fullmatch(before):
        return "secret" if last == "token" else "tokens"
    if is_alone:
        return "token" if last == "token" else "tokens"
    return None
