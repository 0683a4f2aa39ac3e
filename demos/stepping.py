"""Step through the reverse pass of one neuron, go back, and ask why a gradient is what it is."""

from autograd import Value, tanh, walk, why

__all__ = ["main"]


def main() -> None:
    """Step one neuron, answer one why.

    >>> main()  # doctest: +ELLIPSIS
    One neuron: y = tanh(w*x + b), with w = -1.2, x = 0.5, b = 0.3.
    ...
    dy/dw = 0.4576, along the one path from w to y:
      w -> product -> sum -> y: 0.5 * 1 * 0.9151 = 0.4576
    """
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    product = w * x
    product.label = "product"
    total = product + b
    total.label = "sum"
    y = tanh(total)
    y.label = "y"
    print("One neuron: y = tanh(w*x + b), with w = -1.2, x = 0.5, b = 0.3.\n")

    print("Forward, each result from its operands:")
    for step in walk(y, forward=True):
        print(f"  {step}")

    print("\nBackward, one contribution at a time: operand.grad += partial * result.grad")
    passes = walk(y)
    print(f"  {passes.where()}")
    for step in passes:
        print(f"  {step}")

    passes.back(2)
    print(f"\nTwo steps back, w has no grad any more: {w!r}")
    passes.finish()
    print(f"And forward again to the same bits:     {w!r}")

    print(f"\nWhy is it that?\n{why(y, w)}")


if __name__ == "__main__":
    main()
