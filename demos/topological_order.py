"""Why topological order: the same contributions in the wrong order give a wrong gradient, step by step.

The obvious way to send gradients down a graph is to recurse: whenever a value gets a contribution, it passes its grad
on at once. In b = a + a, c = b + b that goes wrong, because b passes its grad on while only half of it has arrived, and
then passes that half on a second time. In reverse topological order a value waits until all its users have reported.
"""

from collections.abc import Iterator

from autograd import Value, walk


def recursive(result: Value) -> Iterator[tuple[Value, Value]]:
    """Send the grad of a result down as it comes, and yield each (result, operand) as its contribution is added."""
    for operand, partial in zip(result.operands, result.partials, strict=True):
        operand.grad += partial * result.grad
        yield result, operand
        yield from recursive(operand)


def diamond() -> tuple[Value, Value, Value]:
    """a, b = a + a and c = b + b: dc/da is 4.

    >>> a, b, c = diamond()
    >>> c.backward()
    >>> a.grad
    4.0
    """
    a = Value(1.0, "a")
    b = a + a
    b.label = "b"
    c = b + b
    c.label = "c"
    return a, b, c


def as_they_come() -> list[str]:
    """The recursive order, told step by step.

    >>> print(*as_they_come(), sep="\\n")
    b.grad += 1 * c.grad = 1, now 1
    a.grad += 1 * b.grad = 1, now 1   <- b passes on 1, but its grad will be 2
    a.grad += 1 * b.grad = 1, now 2   <- b passes on 1, but its grad will be 2
    b.grad += 1 * c.grad = 1, now 2
    a.grad += 1 * b.grad = 2, now 4   <- b passes on 2, half of it for the second time
    a.grad += 1 * b.grad = 2, now 6   <- b passes on 2, half of it for the second time
    """
    _, b, c = diamond()
    c.grad = 1.0
    lines = []
    for result, operand in recursive(c):
        line = f"{operand.label}.grad += 1 * {result.label}.grad = {result.grad:g}, now {operand.grad:g}"
        if result is b:
            half = b.grad < 2.0
            slip = "but its grad will be 2" if half else "half of it for the second time"
            line += f"   <- b passes on {b.grad:g}, {slip}"
        lines.append(line)
    return lines


def in_order() -> list[str]:
    """Results before operands, as ``walk`` and ``backward`` go.

    >>> print(*in_order(), sep="\\n")
    b.grad += 1 * c.grad = 1 * 1 = 1, now 1
    b.grad += 1 * c.grad = 1 * 1 = 1, now 2
    a.grad += 1 * b.grad = 1 * 2 = 2, now 2
    a.grad += 1 * b.grad = 1 * 2 = 2, now 4
    """
    _, _, c = diamond()
    return [str(step) for step in walk(c)]


def main() -> None:
    """Show both orders, one below the other."""
    print("b = a + a, c = b + b: so c = 4 a, and dc/da is 4.\n")
    print("Each value passes its grad on as soon as it gets some (recursion):")
    print(*(f"  {line}" for line in as_they_come()), sep="\n")
    print("a.grad is 6, which is wrong.\n")
    print("Results before operands (reverse topological order, ours):")
    print(*(f"  {line}" for line in in_order()), sep="\n")
    print("a.grad is 4: b passed its grad on once, when both contributions had arrived.")


if __name__ == "__main__":
    main()
