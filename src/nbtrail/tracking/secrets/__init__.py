"""Values that look like credentials are masked before anything is written.

``masking`` holds the functions that do it, ``names`` the names that are looked for, ``assigned`` and ``values`` what is
given to them, ``shapes`` the credentials that are known by themselves, ``known`` the secrets of this process, and
``changes`` the funnel that all changes pass on their way to the journal.
"""

from nbtrail.tracking.secrets.changes import mask_change
from nbtrail.tracking.secrets.known import MASK
from nbtrail.tracking.secrets.masking import mask_text, mask_value, remember_secrets
from nbtrail.tracking.secrets.names import looks_secret

__all__ = ["MASK", "looks_secret", "mask_change", "mask_text", "mask_value", "remember_secrets"]
