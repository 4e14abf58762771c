"""NVIDIA GPUs through NVML, where ``nvidia-ml-py`` is installed and a GPU is there; else there are none."""

from __future__ import annotations

import importlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbtrail.records import Json

_GB: Final = 1e9
_MILLIWATTS: Final = 1e3


class Gpus:
    """The GPUs that NVML knows, in its order, which is that of ``nvidia-smi`` and not of ``CUDA_VISIBLE_DEVICES``.

    What a GPU does not measure is left out.

    Parameters
    ----------
    nvml
        The module ``pynvml``, initialised.
    """

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        count = self._ask(nvml.nvmlDeviceGetCount) or 0
        handles = ((number, self._ask(nvml.nvmlDeviceGetHandleByIndex, number)) for number in range(count))
        self._handles = tuple((number, handle) for number, handle in handles if handle is not None)

    def describe(self) -> dict[str, Json]:
        """``gpus``, each with ``name`` and ``memory_bytes``, and ``gpu_driver``; empty where there are none."""
        if not self._handles:
            return {}
        gpus = []
        for _, handle in self._handles:
            memory = self._ask(self._nvml.nvmlDeviceGetMemoryInfo, handle)
            name = self._ask(self._nvml.nvmlDeviceGetName, handle)
            gpus.append({"name": _text(name), "memory_bytes": None if memory is None else int(memory.total)})
        return {"gpus": gpus, "gpu_driver": _text(self._ask(self._nvml.nvmlSystemGetDriverVersion))}

    def measure(self) -> dict[str, float]:
        """Load, memory in use, power and temperature of each: ``gpu0_percent``, ``gpu0_memory_gb``, …"""
        measured: dict[str, float] = {}
        for number, handle in self._handles:
            nvml, gpu = self._nvml, f"gpu{number}"
            if (load := self._ask(nvml.nvmlDeviceGetUtilizationRates, handle)) is not None:
                measured[f"{gpu}_percent"] = float(load.gpu)
            if (memory := self._ask(nvml.nvmlDeviceGetMemoryInfo, handle)) is not None:
                measured[f"{gpu}_memory_gb"] = memory.used / _GB
            if (power := self._ask(nvml.nvmlDeviceGetPowerUsage, handle)) is not None:
                measured[f"{gpu}_power_w"] = power / _MILLIWATTS
            if (heat := self._ask(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU)) is not None:
                measured[f"{gpu}_temperature_c"] = float(heat)
        return measured

    def _ask(self, question: Callable[..., Any], *arguments: object) -> Any:
        try:
            return question(*arguments)
        except self._nvml.NVMLError:
            return None


@contextmanager
def opened_gpus() -> Iterator[Gpus | None]:
    """NVML for the length of a block; ``None`` without ``nvidia-ml-py``, a driver or a GPU."""
    try:
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
    except Exception:  # noqa: BLE001 - a broken driver or another package of that name is no GPU, and harms nothing
        yield None
        return
    try:
        yield Gpus(nvml)
    finally:
        with suppress(nvml.NVMLError):
            nvml.nvmlShutdown()


def _text(value: str | bytes | None) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
