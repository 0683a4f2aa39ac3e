"""Run micrograd's own published tests on our engine: python -m tests.published_micrograd
micrograd-0.1.0.tar.gz

The file is what PyPI serves: pip download --no-deps --no-binary micrograd micrograd==0.1.0. Its
text is run as it is, with ``micrograd.engine.Value`` replaced by ours. It compares with torch; that
is the real one (--torch), or ``Tensor`` below: exact rational numbers, differentiated forwards, so
that nothing of the comparison comes from our engine or is rounded before the end."""

import sys
import tarfile
from collections.abc import Callable
from contextlib import contextmanager
from fractions import Fraction
from types import ModuleType
from typing import Any, Self

import autograd

__all__ = ["Tensor", "published_tests", "run"]


class Tensor:
    """One rational number with its derivative by every leaf, behind those of torch's names that the
    tests use.
    """

    def __init__(self, numbers: list[Any], slopes: "dict[Tensor, Fraction] | None" = None) -> None:
        (number,) = numbers
        self.number = Fraction(number)
        self.slopes = slopes or {}
        self.grad: Tensor | None = None

    def double(self) -> Self:
        """It already has all digits."""
        return self

    @property
    def data(self) -> Self:
        return self

    def item(self) -> float:
        """The nearest float."""
        return float(self.number)

    @property
    def requires_grad(self) -> bool:
        return bool(self.slopes)

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.slopes = {self: Fraction(1)} if wanted else {}

    def backward(self) -> None:
        """Tell every leaf its derivative; it has been known all along."""
        for leaf, slope in self.slopes.items():
            leaf.grad = Tensor([slope])

    def __add__(self, other: Any) -> "Tensor":
        other = lifted(other)
        return result(self.number + other.number, (self, 1), (other, 1))

    def __mul__(self, other: Any) -> "Tensor":
        other = lifted(other)
        return result(self.number * other.number, (self, other.number), (other, self.number))

    def __pow__(self, n: int) -> "Tensor":
        return result(self.number**n, (self, n * self.number ** (n - 1)))

    def relu(self) -> "Tensor":
        return result(max(self.number, Fraction(0)), (self, int(self.number > 0)))

    def __neg__(self) -> "Tensor":
        return self * -1

    def __sub__(self, other: Any) -> "Tensor":
        return self + -lifted(other)

    def __rsub__(self, other: Any) -> "Tensor":
        return other + -self

    def __truediv__(self, other: Any) -> "Tensor":
        return self * lifted(other) ** -1

    def __rtruediv__(self, other: Any) -> "Tensor":
        return other * self**-1

    __radd__ = __add__
    __rmul__ = __mul__


def lifted(x: Any) -> Tensor:
    return x if isinstance(x, Tensor) else Tensor([x])


def result(number: Fraction, *terms: tuple[Tensor, Any]) -> Tensor:
    """The chain rule, forwards: the slopes of a result are those of its operands, each times its
    partial.
    """
    slopes: dict[Tensor, Fraction] = {}
    for operand, partial in terms:
        for leaf, slope in operand.slopes.items():
            slopes[leaf] = slopes.get(leaf, Fraction(0)) + partial * slope
    return Tensor([number], slopes)


def published_tests(sdist: str) -> str:
    """The text of test/test_engine.py in a source distribution of micrograd."""
    with tarfile.open(sdist) as archive:
        for name in archive.getnames():
            if name.endswith("/test/test_engine.py"):
                file = archive.extractfile(name)
                assert file is not None
                return file.read().decode()
    raise SystemExit(
        f"published_micrograd needs a source distribution with test/test_engine.py, got {sdist}"
    )


@contextmanager
def stand_ins(torch: Any) -> Any:
    """Let ``import torch`` and ``from micrograd.engine import Value`` find torch and our Value."""
    names = {name: ModuleType(name) for name in ("micrograd", "micrograd.engine")}
    names["micrograd.engine"].Value = autograd.Value  # type: ignore[attr-defined]
    names["torch"] = torch
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def run(text: str, torch: Any = None) -> dict[str, Exception | None]:
    """Run the tests of that text; None for each that passed, else what it raised."""
    if torch is None:
        torch = ModuleType("torch")
        torch.Tensor = Tensor
    scope: dict[str, Any] = {"__name__": "published"}
    outcomes: dict[str, Exception | None] = {}
    with stand_ins(torch):
        exec(compile(text, "test_engine.py", "exec"), scope)
        tests: dict[str, Callable[[], None]] = {
            name: f for name, f in scope.items() if name.startswith("test_")
        }
        for name, test in tests.items():
            try:
                test()
                outcomes[name] = None
            except Exception as error:  # whatever it is, the test failed
                outcomes[name] = error
    return outcomes


def main() -> int:
    """Print how each published test fared; 0 if there are some and all passed."""
    arguments = [a for a in sys.argv[1:] if a != "--torch"]
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    torch = __import__("torch") if "--torch" in sys.argv else None
    outcomes = run(published_tests(arguments[0]), torch)
    for name, error in outcomes.items():
        print(f"{name}: {'passed' if error is None else f'FAILED, {error!r}'}")
    failed = sum(error is not None for error in outcomes.values())
    compared = f"torch {torch.__version__}" if torch else "exact rational numbers"
    print(f"micrograd's published tests on our engine, compared with {compared}: "
          f"{len(outcomes) - failed} passed, {failed} failed")  # fmt: skip
    return 0 if outcomes and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
