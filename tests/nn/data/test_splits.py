"""Splits by group and by time: what is held out is nothing that chance alone would flatter."""

import math
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import DataError, Dataset
from nn.data.splits import by_group, by_time, folds_by_group, times_of
from tests.cases import each

MARKS = st.lists(st.integers(0, 9), min_size=2, max_size=60).filter(lambda of: len({*of}) > 1)


@given(MARKS, st.floats(0.05, 0.95), st.integers(0, 5))
def test_no_group_is_on_both_sides_and_every_row_is_on_one(
    groups: list[int], fraction: float, seed: int
) -> None:
    rest, part = by_group(groups, fraction, seed)
    assert sorted(rest + part) == list(range(len(groups))) and rest and part
    assert not {groups[i] for i in rest} & {groups[i] for i in part}
    assert (rest, part) == by_group(groups, fraction, seed)


def test_groups_make_up_about_the_fraction() -> None:
    groups = [i // 5 for i in range(200)]
    assert {len(by_group(groups, 0.2, seed)[1]) for seed in range(9)} == {40}
    assert len({tuple(by_group(groups, 0.2, seed)[1]) for seed in range(9)}) == 9
    assert [len(part) for part in by_group(["a"] * 9 + ["b"], 0.3, 0)] == [9, 1]


@given(MARKS, st.integers(0, 5))
def test_folds_of_groups_share_no_group_and_hold_all_rows(groups: list[int], seed: int) -> None:
    parts = folds_by_group(groups, 2, seed)
    assert sorted(i for _, part in parts for i in part) == list(range(len(groups)))
    for rest, part in parts:
        assert sorted(rest + part) == list(range(len(groups))) and part
        assert not {groups[i] for i in rest} & {groups[i] for i in part}


@given(MARKS, st.floats(0.05, 0.95))
def test_what_is_held_out_by_time_is_later_than_all_the_rest(
    times: list[int], fraction: float
) -> None:
    rest, part = by_time(times, fraction)
    assert sorted(rest + part) == list(range(len(times)))
    assert max(times[i] for i in rest) < min(times[i] for i in part)
    near = abs(len(part) / len(times) - fraction)
    assert near <= max(Counter(times).values()) / len(times) + 1 / len(times)


def test_a_dataset_is_split_by_its_groups_or_times() -> None:
    data = Dataset([[float(i)] for i in range(10)], list(range(10)))
    rest, test = data.split(0.2, groups=[i // 2 for i in range(10)])
    assert len(test) == 2 and {int(t) // 2 for t in test.targets} == {int(test.targets[0]) // 2}
    rest, test = data.split(0.2, times=[-i for i in range(10)])
    assert test.targets == [1.0, 0.0] and len(rest) == 8


def test_marks_may_be_arrays_or_frames_or_dates_as_text() -> None:
    data = Dataset([[float(i)] for i in range(10)], list(range(10)))
    days = [f"{1 + i}.{2 if i % 2 else 1}.2020" for i in range(10)]
    assert data.split(0.5, times=days)[1].targets == [1, 3, 5, 7, 9]
    np = pytest.importorskip("numpy")
    ponds = [i // 2 for i in range(10)]
    wanted = data.split(0.4, groups=ponds)
    assert data.split(0.4, groups=np.array(ponds)) == wanted
    pd = pytest.importorskip("pandas")  # whose [i] is the row that is called i
    assert data.split(0.4, groups=pd.Series(ponds, index=range(9, -1, -1))) == wanted


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ({"groups": [1] * 10}, "split needs two groups at least, got 1 group in 10 rows; choose"),
        ({"times": [1] * 10}, "split needs two times at least, got one in 10 rows; choose"),
        ({"groups": [1, 2]}, "split needs a group, or a time, for each row, got 2 for 10; pass"),
        ({"groups": range(10), "times": range(10)}, "groups or times, got groups and times; leave"),
        ({"groups": [*range(9), math.nan]}, "for each row, got nan for row 9; pass"),
        ({"times": [math.nan, *range(9)]}, "for each row, got nan for row 0; pass"),
        ({"times": [None, *range(9)]}, "needs times that are numbers or dates, all written alike"),
        ({"times": ["May", *"123456789"]}, "all written alike, got 'May'; convert them"),
    ],
)
def test_marks_that_do_not_split_are_refused(marks: dict[str, Any], sentence: str) -> None:
    data = Dataset([[float(i)] for i in range(10)], list(range(10)))
    with pytest.raises(DataError, match=sentence):
        data.split(0.2, **marks)
    with pytest.raises(DataError, match="folds needs a group for each of 3 parts, got 2 groups"):
        folds_by_group([1, 2, 2], 3, 0)


@each(
    ("cells", "wanted"),
    [
        (["2", "1.5"], [2.0, 1.5]),
        (["2021-03-04 10:00:01", "2021-03-04"], [datetime(2021, 3, 4, 10, 0, 1), None]),
        (["3.4.2021", "24.12.2020"], [datetime(2021, 4, 3), datetime(2020, 12, 24)]),
        (["3/4/2021", "24/12/2020"], [datetime(2021, 4, 3), datetime(2020, 12, 24)]),
        (["yesterday", "2021-01-01"], None),
        (["2021-01-01T00:00:00+00:00", "2021-01-01"], [datetime(2021, 1, 1), None]),
    ],
)
def test_times_are_numbers_or_dates(cells: list[str], wanted: list[object] | None) -> None:
    found = times_of(cells)
    assert (found is None) == (wanted is None)
    for time, expected in zip(found or [], wanted or [], strict=True):
        assert expected is None or time == expected
    assert found is None or sorted(found)
