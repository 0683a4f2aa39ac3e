"""Tests of recordings, most of them run by every engine."""

import pytest

from autograd.recording.native import library

NATIVE = pytest.mark.skipif(library is None, reason="needs the engine in C, which is not built")
ENGINES = ["numpy", "python", pytest.param("native", marks=NATIVE)]
