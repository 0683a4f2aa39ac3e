"""Programs: a function recorded once, replayed over whole batches of samples.

The rooms, in the order of the work: ``trace`` runs f on watched Values; ``steps`` numbers what it
did; ``fold`` brings that to a normal form. For NumPy, ``levels`` groups it, ``layout`` places it,
and ``rows``, ``arrays`` and ``numpy_source`` print it; ``tape`` is the same for graphs that are
deep and narrow, with a ``kernel`` for numba that ``cache`` keeps. ``engine`` chooses between them;
``domain`` says where a replay left a row's domain; ``listing`` prints the scalar code;
``arguments`` knows shapes, and ``signature`` reads a call."""

from autograd.recording.program import Program
from autograd.recording.record import Recorded, record

__all__ = ["Program", "Recorded", "record"]
