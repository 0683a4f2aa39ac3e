"""How many cases a run of the tests has: all of them where GLASSGRAD_TESTS=thorough, as in CI, and
enough to find a fault in a newcomer's run.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st

T = TypeVar("T")
PARAM = type(pytest.param())
THOROUGH = os.environ.get("GLASSGRAD_TESTS") == "thorough"

# Any letter. Hypothesis's own first make a table of all there are, which takes seconds.
_CODES = (range(0x20, 0x7F), range(0xD800), range(0xE000, 0x110000))
LETTERS = st.one_of(*(st.integers(few[0], few[-1]) for few in _CODES)).map(chr)


def some(cases: Iterable[T], share: int, kind: Callable[[T], Any] = lambda case: None) -> list[T]:
    """One case of so many in a quick run, from the first to the last, and the first of each kind;
    all in a thorough one.
    """
    cases = list(cases)
    firsts = {kind(cases[k]): k for k in reversed(range(len(cases)))}.values()
    return [case for k, case in enumerate(cases) if THOROUGH or k % share == 0 or k in firsts]


def examples(count: int) -> int:
    """How many examples hypothesis draws where a thorough run has so many."""
    return count if THOROUGH else max(3, count // 4)


def each(
    names: str | Sequence[str], cases: Iterable[Any], ids: Any = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """What ``pytest.mark.parametrize`` does, as one test, which costs a twentieth: all cases are
    run, and those that fail are named. For tests whose fixtures may serve several cases. Skipped
    is what skips all of them.
    """
    names = names.replace(",", " ").split() if isinstance(names, str) else names
    table = [(case,) if len(names) == 1 else tuple(case) for case in cases]
    assert table and not any(isinstance(x, PARAM) for case in table for x in case), names

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            failures: list[BaseException] = []
            skipped: list[BaseException] = []
            for k, case in enumerate(table):
                try:
                    test(**dict(zip(names, case, strict=True)), **fixtures)
                except pytest.skip.Exception as skip:
                    skipped.append(skip)
                except (Exception, pytest.fail.Exception) as failure:
                    failure.add_note(f"case {k} of {len(table)}: {named(k, case)}")
                    failures.append(failure)
            if failures[1:]:
                raise BaseExceptionGroup(f"{len(failures)} of {len(table)} cases fail", failures)
            if failures or len(skipped) == len(table):
                raise (failures + skipped)[0]

        signature = inspect.signature(test)
        others = [p for name, p in signature.parameters.items() if name not in names]
        assert len(others) + len(names) == len(signature.parameters), names
        run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return run

    def named(k: int, case: tuple[Any, ...]) -> str:
        if ids is None:
            return ", ".join(f"{n} = {x!r}"[:200] for n, x in zip(names, case, strict=True))
        return ids[k] if isinstance(ids, (list, tuple)) else " ".join(map(ids, case))

    return decorate
