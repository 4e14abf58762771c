"""Settings that a notebook gathers in an object of its own: a dataclass, or a namespace such as argparse's."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.calls import is_setting
from nbtrail.analysis.params import sounds_like_settings
from nbtrail.analysis.proposal import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbtrail.settings import Settings

_MOST_FIELDS: Final = 50
_NOTHING: Final = object()


def find_config_params(names: Iterable[str], namespace: Mapping[str, Any], settings: Settings) -> Iterator[Proposal]:
    """The fields of the notebook's own settings objects.

    Parameters
    ----------
    names
        Names that a cell reads or writes.
    namespace
        Where they live, once the cell has run.
    settings
        Names to leave out.

    Yields
    ------
    Proposal
        ``Config.lr`` of a dataclass of the notebook whose class or name says settings, named by its class so that it
        is one with the keyword of its call; ``args.lr`` of a namespace.
    """
    for name in names:
        value = namespace.get(name)
        if name.startswith("_"):
            continue
        for key, field in _fields(name, value):
            if key not in settings.ignore and is_setting(field):
                yield Proposal(key, field, f"field of {name}")


def _fields(name: str, value: object) -> list[tuple[str, Any]]:
    kind = type(value)
    if dataclasses.is_dataclass(kind) and kind.__module__ == "__main__":
        if not (sounds_like_settings(name) or sounds_like_settings(kind.__name__)):
            return []
        names = [field.name for field in dataclasses.fields(kind)]
        fields, prefix = {one: _held(value, one) for one in names}, kind.__name__
    elif _is_namespace(value):
        fields, prefix = vars(value), name
    else:
        return []
    return [(f"{prefix}.{key}", field) for key, field in list(fields.items())[:_MOST_FIELDS]]


def _held(value: object, name: str) -> Any:
    """What a field holds, in the object's dict or in its slot, without running any code of its class."""
    slot = inspect.getattr_static(type(value), name, None)
    if isinstance(slot, types.MemberDescriptorType):
        return slot.__get__(value)
    return object.__getattribute__(value, "__dict__").get(name, _NOTHING)


def _is_namespace(value: object) -> bool:
    argparse = sys.modules.get("argparse")
    return type(value) is SimpleNamespace or (argparse is not None and type(value) is argparse.Namespace)
