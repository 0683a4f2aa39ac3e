"""What every test needs: our own autograd, and examples that are the same in every run."""

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
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def one_kernel() -> None:
    """Compile once what every program here needs, instead of once for each set of rows."""
    from autograd import OPS
    from autograd.program.cache import is_installed, kernel
    from autograd.program.fold import PRODUCTS, SUMS
    from autograd.program.trace import TRUTHS

    if is_installed():
        folded = {*SUMS, *PRODUCTS} - {OPS["divide"], OPS["power"]}  # these two only by numbers of a certain kind
        kernel({*OPS.values(), *TRUTHS} - folded)
