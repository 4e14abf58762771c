"""Settings that a notebook keeps in an object of its own."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, field
from types import SimpleNamespace

from nbtrail.analysis.configs import find_config_params
from nbtrail.settings import Settings


@dataclass
class Config:
    lr: float = 0.1
    layers: list[int] = field(default_factory=lambda: [64, 64])
    model: object = None


@dataclass
class Point:
    x: float = 1.0


def found(settings=None, **namespace):
    proposals = find_config_params(namespace, namespace, settings or Settings())
    return {one.name: one.value for one in proposals}


def test_the_fields_of_a_dataclass_of_the_notebook_are_params_under_the_name_of_its_class(monkeypatch):
    monkeypatch.setattr(Config, "__module__", "__main__")
    assert found(cfg=Config(lr=0.2)) == {"Config.lr": 0.2, "Config.layers": [64, 64], "Config.model": None}
    assert found(cfg=Config(model=object())) == {"Config.lr": 0.1, "Config.layers": [64, 64]}
    assert found(Settings(ignore=("Config.lr",)), cfg=Config()).keys() == {"Config.layers", "Config.model"}


def test_one_that_does_not_sound_like_settings_or_comes_from_a_package_is_none(monkeypatch):
    assert found(cfg=Config()) == {}
    monkeypatch.setattr(Point, "__module__", "__main__")
    assert found(start=Point(), Config=Point) == {}


def test_the_fields_of_a_namespace_are_params_under_its_own_name():
    assert found(args=Namespace(lr=0.1, epochs=3)) == {"args.lr": 0.1, "args.epochs": 3}
    assert found(hp=SimpleNamespace(lr=0.1, data=list(range(99)))) == {"hp.lr": 0.1}
    assert found(_args=Namespace(lr=0.1)) == {}


def test_fields_in_slots_are_read_and_no_code_of_the_class_is_run():
    @dataclass(slots=True)
    class SlotConfig:
        lr: float = 0.1

    class Odd:
        @property
        def __class__(self):
            raise RuntimeError

    SlotConfig.__module__ = "__main__"
    assert found(cfg=SlotConfig()) == {"SlotConfig.lr": 0.1}
    assert found(config=Odd()) == {}
