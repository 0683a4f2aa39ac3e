"""The native engine."""

from typing import Any

library: Any = None
