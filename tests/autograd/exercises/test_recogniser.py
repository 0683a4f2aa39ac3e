"""Slips planted in graphs that the recogniser has not seen; the benchmark measures more of them."""

from random import Random

import pytest

from tests.benchmarks.slips import Tally


@pytest.mark.parametrize(("level", "graphs"), [(0, 6), (2, 3), (4, 3)])
def test_planted_slips_are_named_and_other_numbers_are_not_explained(
    level: int, graphs: int
) -> None:
    tally = Tally(Random(3), level, graphs, show=False)
    assert sum(tally.named) >= 0.93 * len(tally.named) > 50
    assert sum(tally.unknown) >= 0.8 * len(tally.unknown) > 10
    assert sum(tally.passed) >= 0.9 * len(tally.passed)
    assert sum(tally.count) <= 1.6 * len(tally.count)  # few at a time
