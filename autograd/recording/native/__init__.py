"""Recorded programs in C, where that was built; ``library`` is None where it was not."""

from autograd.engine.native import found
from autograd.engine.table import OPS, TRUTHS

__all__ = ["KINDS", "library"]

# The numbers of the rows in its instructions.
KINDS = {row: kind for kind, row in enumerate((*OPS.values(), *TRUTHS.values()))}
library = found(__name__, tuple(row.name for row in KINDS))
