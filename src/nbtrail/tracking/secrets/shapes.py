"""Credentials that are known by their shape, wherever they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Span(NamedTuple):
    """Where in a text a secret stands."""

    start: int
    end: int
    is_named: bool = False
    """A name says that it is a secret: it is one wherever else it turns up."""


class _Shape(NamedTuple):
    sign: str
    """What the text must hold for the pattern to be tried: looking for that costs next to nothing."""
    pattern: re.Pattern[str]
    """The group ``v`` is what is masked, and everything where there is none."""


_SHAPES: Final = tuple(
    _Shape(sign, re.compile(pattern))
    for sign, pattern in (
        ("AKIA", r"(?<![A-Za-z0-9])AKIA[0-9A-Z]{16}(?![A-Za-z0-9])"),
        ("ASIA", r"(?<![A-Za-z0-9])ASIA[0-9A-Z]{16}(?![A-Za-z0-9])"),
        ("AIza", r"(?<![\w-])AIza[\w\-]{35}"),
        ("ya29.", r"\bya29\.[\w\-]{20,}"),
        *((f"gh{kind}_", rf"(?<![A-Za-z0-9])gh{kind}_[A-Za-z0-9]{{36,}}") for kind in "pousr"),
        ("github_pat_", r"\bgithub_pat_\w{40,}"),
        ("gl", r"(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|cbt|soat|agent)-[\w\-]{20,}"),
        ("hf_", r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,}"),
        ("sk-", r"(?<![\w-])sk-(?=[\w\-]{0,200}\d)(?:[A-Za-z]{2,8}-[\w\-]{20,}|\w[\w\-]{19,})"),
        ("xox", r"(?<![A-Za-z0-9])xox[abeoprs]-[\w\-]{10,}"),
        ("xapp-", r"\bxapp-[\w\-]{20,}"),
        ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/(?P<v>[\w/\-]{20,})"),
        ("_live_", r"(?<![A-Za-z0-9])(?:[sr]k|whsec|pk)_live_[A-Za-z0-9]{16,}"),
        ("_test_", r"(?<![A-Za-z0-9])[sr]k_test_[A-Za-z0-9]{16,}"),
        ("npm_", r"(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}"),
        ("pypi-", r"\bpypi-AgE[\w\-]{40,}"),
        ("SG.", r"\bSG\.[\w\-]{16,}\.[\w\-]{16,}"),
        ("r8_", r"(?<![A-Za-z0-9_])r8_[A-Za-z0-9]{37}"),
        ("dapi", r"(?<![A-Za-z0-9])dapi[0-9a-f]{32}"),
        ("nvapi-", r"\bnvapi-[\w\-]{40,}"),
        ("gsk_", r"(?<![A-Za-z0-9_])gsk_[A-Za-z0-9]{40,}"),
        ("lsv2_", r"(?<![A-Za-z0-9_])lsv2_[a-z]{2}_[0-9a-f]{32}_[0-9a-f]{10}"),
        ("eyJ", r"(?<![\w-])eyJ[\w\-]{8,4000}\.[\w\-]{8,}(?:\.[\w\-]{0,})?"),
        ("sig=", r"[?&;]sig=(?P<v>[\w%+/=\-]{16,})"),
        ("X-Amz-", r"X-Amz-(?:Signature|Credential|Security-Token)=(?P<v>[\w%+/=\-]{16,})"),
        ('"key"', r'"username"\s{0,4}:\s{0,4}"[^"\n]{1,80}"\s{0,4},\s{0,4}"key"\s{0,4}:\s{0,4}"(?P<v>[0-9a-f]{32})"'),
        ("Bearer ", r"(?<!\w)Bearer (?P<v>(?=[\w\-.~+/=]{0,200}\d)[\w\-.~+/=]{16,})"),
        ("login", r"""\blogin(?:\s{0,4}\(|\s{1,4})[^)\n]{0,80}?(?P<v>(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f]))"""),
        ("curl", r"\bcurl\s[^\n]{0,200}?(?<=\s)(?:-u|--user)[ =]?['\"]?[^\s:'\"]{1,80}:(?P<v>[^\s'\"]{1,200})"),
        (
            "password ",
            (
                r"\b(?:login|machine)\s{1,4}\S{1,80}\s{1,8}(?:login\s{1,4}\S{1,80}\s{1,8})?"
                r"password\s{1,4}(?P<v>\S{1,200})"
            ),
        ),
        (
            "uth",
            (
                r"(?i)auth\s{0,4}[=(]\s{0,4}\(?\s{0,4}[\"'][^\"'\n]{0,80}[\"']\s{0,4},"
                r"\s{0,4}[\"'](?P<v>[^\"'\n]{1,200})[\"']"
            ),
        ),
        ("ookie:", r"(?i)(?:^|[\s\"'])(?:set-)?cookie:[ \t]{1,4}(?P<v>[^\s\"'={}]{1,80}=[^\"'\n{}]{1,2000})"),
    )
)  # fmt: skip
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://(?P<rest>[^\s\"'<>`]{1,1000})")
_LONGEST_USER: Final = 20
_KEY_BEGINS: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS: Final = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES: Final = re.compile(r"(?:[\s\"'+,\\]{0,40}[A-Za-z0-9+/=]{16,}){0,400}")
_KEY_LENGTH: Final = 20_000


def find_shapes(text: str) -> Iterator[Span]:
    """Access tokens of well-known services, private keys, passwords in addresses and in headers."""
    for sign, pattern in _SHAPES:
        if sign in text:
            group = "v" if "v" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                yield Span(*match.span(group))
    if "PRIVATE KEY" in text:
        yield from _find_private_keys(text)
    if "://" in text and "@" in text:
        yield from _find_in_addresses(text)


def _find_private_keys(text: str) -> Iterator[Span]:
    """Whole ones, and what is there of those that were cut."""
    at, last = 0, text.rfind("-----END ")
    while (begins := _KEY_BEGINS.search(text, at)) is not None:
        at = begins.end()
        ends = _KEY_ENDS.search(text, at, at + _KEY_LENGTH) if at <= last else None
        lines = _KEY_LINES.match(text, at)
        if ends is not None:
            at = ends.end()
        elif lines is not None:
            at = lines.end()
        if at > begins.end():
            yield Span(begins.start(), at)


def _find_in_addresses(text: str) -> Iterator[Span]:
    """``scheme://user:password@host`` and ``scheme://token@host``."""
    for match in _SCHEME.finditer(text):
        rest, start = match["rest"], match.start("rest")
        # A password may hold a slash, but an @ behind a path or a query belongs to those.
        colon, slash = rest.find(":"), rest.find("/")
        at = rest.rfind("@", 0, slash if slash >= 0 else len(rest))
        if at < 0 and 0 <= colon < slash and not _is_port(rest[colon + 1 : slash]):
            at = rest.rfind("@")
        if at < 0 or "?" in rest[:at]:
            continue
        if 0 <= colon < at:
            yield Span(start + colon + 1, start + at, is_named=True)
        elif at >= _LONGEST_USER:
            yield Span(start, start + at)


def _is_port(text: str) -> bool:
    return text.isdigit()
