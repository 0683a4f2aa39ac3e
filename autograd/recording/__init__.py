"""Recordings: a function run once on Values that are watched, and replayed over whole batches.

README.md has the files in reading order."""

from autograd.recording.program import Program
from autograd.recording.record import Recorded, record

__all__ = ["Program", "Recorded", "record"]
