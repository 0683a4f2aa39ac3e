"""Recorded programs in C, where that was built; ``library`` is None where it was not."""

import numpy as np

from autograd.engine.guard import differentiated, guarded
from autograd.engine.native import found
from autograd.engine.native import library as engine
from autograd.engine.table import OPS, TRUTHS
from autograd.recording.gathered import Gathered

__all__ = ["KINDS", "library"]

# The numbers of the rows in its instructions.
KINDS = {row: kind for kind, row in enumerate((*OPS.values(), *TRUTHS.values()))}
library = found(__name__, tuple(row.name for row in KINDS))
api = getattr(np.empty.__self__, "_ARRAY_API", None)  # type: ignore[attr-defined]
parts = (np.ndarray, Gathered, api, np.add.reduce, guarded, differentiated, KINDS)
if library and not (engine and api and library.adopt(engine.DATA, engine.STORE, *parts)):
    library = None  # it reads the engine's Values, and arrays of NumPy 1 and 2
