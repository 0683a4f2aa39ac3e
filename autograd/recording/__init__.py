"""Recordings: a function run once on Values that are watched, and replayed over whole batches.

README.md has the files in reading order."""

from autograd.recording.across import batch_max, batch_mean, batch_total
from autograd.recording.gathered import Gathered
from autograd.recording.program import Program
from autograd.recording.record import record

__all__ = ["Gathered", "Program", "batch_max", "batch_mean", "batch_total", "record"]
