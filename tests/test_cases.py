"""Many cases as one test: none of them hides another."""

import pytest

from tests.cases import each, some


def test_all_cases_that_fail_are_named_whatever_way_they_fail() -> None:
    @each("x", range(5))
    def check(x: int) -> None:
        if x == 1:
            with pytest.raises(ValueError):
                pass  # pytest.fail, which is no Exception
        assert x != 3
        if x == 4:
            pytest.skip("not here")

    with pytest.raises(BaseExceptionGroup, match="2 of 5 cases fail") as raised:
        check()
    notes = [failure.__notes__ for failure in raised.value.exceptions]
    assert notes == [["case 1 of 5: x = 1"], ["case 3 of 5: x = 3"]]


def test_cases_after_one_that_is_skipped_are_run() -> None:
    met = []

    @each("x", range(3))
    def check(x: int) -> None:
        met.append(x)
        if x < 2:
            pytest.skip("not here")

    check()
    assert met == [0, 1, 2]


def test_a_test_whose_cases_are_all_skipped_is_skipped() -> None:
    @each("x", range(3))
    def check(x: int) -> None:
        pytest.skip("not here")

    with pytest.raises(pytest.skip.Exception, match="not here"):
        check()


def test_some_cases_are_of_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cases.THOROUGH", False)
    assert some(range(10), 4) == [0, 4, 8]
    assert some(range(10), 4, lambda n: n == 6) == [0, 4, 6, 8]
