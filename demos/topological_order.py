"""Why topological order: the same contributions in another order give a wrong gradient, and where
it goes wrong."""

from collections.abc import Iterator
from pathlib import Path

from autograd import Value, walk
from demos.chapter import run
from demos.picture import say, show

__all__ = ["main"]


def recursive(result: Value) -> Iterator[tuple[Value, Value]]:
    """The obvious way: a value that gets a contribution passes its grad on at once. Yields (result,
    operand)."""
    for operand, partial in zip(result.operands, result.partials, strict=True):
        operand.grad += partial * result.grad
        yield result, operand
        yield from recursive(operand)


def diamonds() -> tuple[Value, Value, Value]:
    """a, b = a + a and c = b + b; so c is 4 a."""
    a = Value(1.0, "a")
    b = a + a
    b.label = "b"
    c = b + b
    c.label = "c"
    return a, b, c


def as_it_comes() -> tuple[list[str], float]:
    """The steps of the obvious way, and the grad of a that it ends with.

    >>> as_it_comes()[1]
    6.0
    """
    a, b, c = diamonds()
    c.grad = 1.0
    lines = []
    for result, operand in recursive(c):
        line = added(operand.label, result.label, result.grad, operand.grad)
        if result is b:
            line += "  half of b's 2" if b.grad < 2 else "  half of it again"
        lines.append(line)
    return lines, a.grad


def results_first() -> tuple[list[str], float]:
    """The steps of our way, results before operands, and the grad of a that it ends with.

    >>> results_first()[1]
    4.0
    """
    a, _, c = diamonds()
    steps = list(walk(c))
    return [added(s.operand.label, s.result.label, s.result_grad, s.grad) for s in steps], a.grad


def added(operand: str, result: str, contribution: float, now: float) -> str:
    """A step in words; all partials are 1."""
    return f"{operand}.grad += {result}.grad = {contribution:g}, now {now:g}"


def main(folder: str = ".") -> dict[str, float]:
    """Show both orders side by side, and return the grad of a by each."""
    (wrong, six), (right, four) = as_it_comes(), results_first()
    print("b = a + a, c = b + b: c is 4 a, so dc/da is 4.\n")
    rows = [("", "on as soon as it comes (recursion)", "results before operands (ours)")]
    for i, line in enumerate(wrong):
        rows.append((str(i + 1), line, right[i] if i < len(right) else ""))
    rows.append(("", *(f"a.grad = {x:g}: {'right' if x == 4 else 'wrong'}" for x in (six, four))))
    for number, left, ours in rows:
        print(f"{number:1}  {left:44}  {ours}".rstrip())
    grads = {"recursion": six, "results first": four}
    show("bars", grads, title="dc/da, which is 4", file=Path(folder, "topological_order.png"))
    say(
        f"Recursion ended with {six:g} and results before operands with {four:g}, as b may pass "
        "its grad on only when all its users have contributed to it, but recursion passes on half "
        "of it, and that half a second time later."
    )
    return grads


if __name__ == "__main__":
    run(main)
