"""What numba needs: one kernel for all tests."""

import pytest


@pytest.fixture(autouse=True)
def kernel_if_needed(request: pytest.FixtureRequest) -> None:
    """Compile before a test that numba runs, and for no other."""
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and callspec.params.get("engine") == "numba":
        request.getfixturevalue("one_kernel")
