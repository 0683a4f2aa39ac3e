"""What every test needs: our own autograd, and examples that are the same in every run."""

import gc
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

import autograd

if not hasattr(autograd, "Value"):
    pytest.exit(
        f"these tests need glassgrad's autograd, got the one at {autograd.__file__}: "
        "run them in an environment of their own, where the other distribution is not installed",
        returncode=4,
    )

# A test that fails now must fail again on the next machine, and a slow machine is no failure.
# CI draws all examples (GLASSGRAD_TESTS=thorough), a newcomer's first run a few.
settings.register_profile("thorough", derandomize=True, deadline=None, database=None)
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=12)
settings.load_profile(os.environ.get("GLASSGRAD_TESTS", "quick"))


def pytest_report_header() -> str:
    """Which engine the tests are run on; GLASSGRAD_ENGINE=python or =native chooses."""
    return f"engine: {autograd.ENGINE}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The same at the end of a quiet run, which has no header."""
    if terminalreporter.verbosity < 0:
        terminalreporter.line(pytest_report_header())


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the tests of pictures where matplotlib, of the extra ``dev``, is not installed."""
    return True if collection_path.name == "test_mpl.py" and not find_spec("matplotlib") else None


@pytest.fixture(autouse=True, scope="module")
def few_objects_for_the_collector() -> None:
    """It looks no more at what there was before the tests of a file."""
    gc.freeze()


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Iterator[None]:
    """Every other worker begins with the last folder and file, so that each finds half of all files
    compiled by another.
    """
    report = yield
    if WORKER[-1:] in tuple("13579") and isinstance(collector, (pytest.Dir, pytest.Session)):
        report.result.reverse()
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the same order by every worker; without the doctests of pictures where matplotlib is not
    installed, to whose folder this file's other hook does not reach.
    """
    if WORKER:
        items.sort(key=lambda item: (item.path, type(item.parent).__name__ == "DoctestModule"))
    if not find_spec("matplotlib"):
        items[:] = [item for item in items if item.path.parent.name != "mpl"]
