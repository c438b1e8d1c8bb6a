"""Settings for all tests: `--hypothesis-profile=thorough` gives the random tests many more examples."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("thorough")
