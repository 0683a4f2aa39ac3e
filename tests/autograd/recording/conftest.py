"""What numba needs: one kernel for all tests."""

import pytest


@pytest.fixture(autouse=True)
def kernel_if_needed(request: pytest.FixtureRequest) -> None:
    """Compile before a test that numba runs, and for no other."""
    if "numba" in getattr(getattr(request.node, "callspec", None), "params", {}).values():
        request.getfixturevalue("one_kernel")
