"""What the machine does while runs go on: sampled in the background, as metrics whose names begin with ``system/``."""

from nbtrail.tracking.system_metrics.sampler import Sampler

__all__ = ["Sampler"]
