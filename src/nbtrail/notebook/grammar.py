"""The grammar of ``%track`` and ``%%track``: one table that is parsed by, explained from and completed from."""

from __future__ import annotations

import difflib
import keyword
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from nbtrail.errors import MagicError
from nbtrail.notebook.words import split_words, unquote, without_comment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Takes = Literal["nothing", "name", "names", "words", "pairs", "text", "filter", "path", "runs", "file"]


@dataclass(frozen=True, slots=True)
class Option:
    """An option that a command takes."""

    name: str
    value: str
    """What its value is called in the help; ``[…]`` if it may be left out."""
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One command of ``%track``."""

    name: str
    takes: Takes
    argument: str
    summary: str
    options: tuple[Option, ...] = ()
    fewest: int = 0
    most: int | None = None

    @property
    def usage(self) -> str:
        """How the command is written, without ``%track``."""
        options = [f"{option.name} {option.value}" for option in self.options]
        return " ".join(part for part in (self.name, self.argument, *options) if part)


@dataclass(frozen=True, slots=True)
class Command:
    """A line that was understood."""

    verb: Verb
    words: tuple[str, ...] = ()
    """As written, quotes included; for ``text`` and ``filter`` one word that holds all, without its quotes."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def option(self, name: str) -> str | None:
        """The last value that an option was given."""
        values = self.options.get(name, ())
        return values[-1] if values else None


_TAG: Final = Option("--tag", "TAG", is_repeated=True)
_NOTE: Final = Option("--note", "TEXT")
EACH_STEP: Final = "--each-step"

NOTEBOOK: Final = Verb("", "nothing", "", "from here on this notebook is one run; shows the live card")
CELL: Final = Verb(
    "", "name", "[NAME]", "this cell is one run, each time it is executed",
    (Option(EACH_STEP, "[NAMES]"), _TAG, _NOTE), most=1,
)  # fmt: skip
VERBS: Final[dict[str, Verb]] = {
    verb.name: verb
    for verb in (
        Verb("start", "name", "[NAME]", "begin a run that lasts until `stop`", (_TAG, _NOTE), most=1),
        Verb("stop", "nothing", "", "finish the run"),
        Verb("log", "pairs", "NAME=NUMBER …", "record metrics", (Option("--step", "N"),), fewest=1),
        Verb("param", "pairs", "NAME=VALUE …", "record params", fewest=1),
        Verb("tag", "words", "TAG …", "add tags to the run", fewest=1),
        Verb("note", "text", "TEXT", "set the run's note", fewest=1),
        Verb("artifact", "path", "PATH", "keep a file or folder with the run", (Option("--name", "NAME"),), 1, 1),
        Verb("watch", "names", "NAME …", "always take these names as param or metric", fewest=1),
        Verb("ignore", "names", "NAME …", "never take these names", fewest=1),
        Verb("runs", "filter", "[FILTER]", "the runs as a table: `metrics.acc > 0.9 and params.lr < 0.1`"),
        Verb("compare", "runs", "RUN RUN …", "draw runs beside each other", (Option("--metric", "METRIC"),), 1),
        Verb("diff", "runs", "RUN RUN …", "what differs between runs", (), 2),
        Verb("export", "file", "FILE.ipynb RUN …", "write a comparison notebook", (Option("--metric", "METRIC"),), 2),
        Verb("status", "nothing", "", "the project, the run, and what is captured and why"),
        Verb("off", "nothing", "", "end the run and the capture"),
        Verb("help", "nothing", "", "this table"),
    )
}


def parse_line(line: str) -> Command:
    """Understand what stands behind ``%track``.

    Raises
    ------
    MagicError
        It says what is wrong and what can be written instead.
    """
    line = line.strip()
    head, _, rest = line.partition(" ")
    verb = VERBS.get(head)
    if verb is None or verb.takes != "text":
        line = without_comment(line)
        head, _, rest = line.partition(" ")
    if not head:
        return Command(NOTEBOOK)
    if verb is None:
        close = difflib.get_close_matches(head, VERBS, n=1)
        hint = f"Did you mean `%track {close[0]}`?" if close else ""
        raise MagicError(line, problem=f"there is no command {head!r}", hint=hint)
    return _parse(verb, rest.strip(), line=line, usage=f"%track {verb.usage}")


def parse_cell_line(line: str) -> Command:
    """Understand what stands behind ``%%track``.

    Raises
    ------
    MagicError
        It says what is wrong and what can be written instead.
    """
    try:
        return _parse_cell(without_comment(line.strip()))
    except MagicError as error:
        raise MagicError(error.line, problem=error.problem, hint=error.hint, magic="%%track") from None


def _parse_cell(line: str) -> Command:
    command = _parse(CELL, line, line=line, usage=f"%%track {CELL.usage}")
    for name in step_names(command):
        if not all(_is_name(part) for part in name.split(".")):
            raise MagicError(line, problem=f"{EACH_STEP} takes names, and {name!r} is none")
    return command


def step_names(command: Command) -> tuple[str, ...]:
    """The names behind ``--each-step``; empty where they are to be inferred."""
    given = (part for value in command.options.get(EACH_STEP, ()) for part in value.split(","))
    return tuple(dict.fromkeys(name.strip() for name in given if name.strip()))


def help_text() -> str:
    """The whole grammar, one command a line."""
    lines = [("%track", NOTEBOOK.summary), (f"%%track {CELL.usage}", CELL.summary)]
    lines += [(f"%track {verb.usage}", verb.summary) for verb in VERBS.values()]
    width = max(len(usage) for usage, _ in lines if len(usage) < 48)  # noqa: PLR2004 - longer ones get a line of their own
    return "\n".join(
        f"{usage:<{width}}  {summary}" if len(usage) <= width else f"{usage}\n{'':<{width}}  {summary}"
        for usage, summary in lines
    )


def completions(line: str, *, runs: Sequence[str] = ()) -> list[str]:
    """What may stand where a line behind ``%track`` or ``%%track`` ends, by what it has up to there.

    Parameters
    ----------
    line
        The whole line, magic included, up to the cursor.
    runs
        Names of runs, for the commands that take them.
    """
    words = line.split(" ")
    if line.lstrip().startswith("%%"):
        return [option.name for option in CELL.options]
    if len(words) <= 2:  # noqa: PLR2004 - the magic and what may become its command
        return list(VERBS)
    verb = VERBS.get(words[1])
    if verb is None:
        return []
    names = list(runs) if verb.takes in {"runs", "file"} else []
    return [option.name for option in verb.options] + names


def _parse(verb: Verb, rest: str, *, line: str, usage: str) -> Command:
    hint = f"Write `{usage.strip()}`."
    if verb.takes in {"text", "filter"}:
        words = [_whole(rest)] if rest else []
        options: dict[str, tuple[str, ...]] = {}
    else:
        words, options = _sort_out(verb, split_words(rest, line=line), line=line, hint=hint)
    if len(words) < verb.fewest:
        what = f"it takes {verb.fewest} or more runs" if verb.takes == "runs" else f"{verb.argument} is missing"
        raise MagicError(line, problem=what, hint=hint)
    most = 0 if verb.takes == "nothing" else verb.most
    if most is not None and len(words) > most:
        raise MagicError(line, problem=f"{words[most]} is too much", hint=hint)
    if verb.takes not in {"pairs", "text", "filter"}:
        words = [unquote(word) for word in words]
    if verb.takes == "names" and (odd := [word for word in words if not _is_name(word)]):
        raise MagicError(line, problem=f"{odd[0]!r} is no name", hint=hint)
    return Command(verb, tuple(words), options)


def _is_name(word: str) -> bool:
    # Dots as in RandomForestClassifier.n_estimators, which is a param by its call.
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in word.split("."))


def _sort_out(
    verb: Verb, tokens: Sequence[str], *, line: str, hint: str
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    known = {option.name: option for option in verb.options}
    words: list[str] = []
    found: dict[str, tuple[str, ...]] = {}
    waiting = list(tokens)[::-1]
    while waiting:
        token = waiting.pop()
        if not token.startswith("--"):
            words.append(token)
            continue
        name, equals, value = token.partition("=")
        option = known.get(name)
        if option is None:
            offer = f"It takes {', '.join(known)}." if known else "It takes no options."
            raise MagicError(line, problem=f"there is no option {name}", hint=f"{offer} {hint}")
        if name in found and not option.is_repeated:
            raise MagicError(line, problem=f"{name} is there twice", hint=hint)
        if not equals and waiting and not waiting[-1].startswith("--"):
            value = waiting.pop()
            while value.endswith(",") and waiting:
                value += waiting.pop()
        if not value and not option.value.startswith("["):
            raise MagicError(line, problem=f"{name} needs a value", hint=hint)
        found[name] = (*found.get(name, ()), unquote(value))
    return words, found


def _whole(rest: str) -> str:
    """The rest of a line; one pair of quotes around all of it is taken off where that leaves none inside."""
    inner = rest[1:-1]
    is_quoted = len(rest) > 1 and rest[0] == rest[-1] and rest[0] in "\"'"
    return inner if is_quoted and rest[0] not in inner else rest
