"""Tests of recordings, most of them run by every engine."""

import pytest

from autograd.recording.native import is_installed

NUMBA = (
    pytest.mark.full,
    pytest.mark.skipif(not is_installed(), reason="needs numba, of the extra fast"),
)
ENGINES = ["numpy", "python", pytest.param("numba", marks=NUMBA)]
