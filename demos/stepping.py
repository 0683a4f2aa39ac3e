"""Step through the reverse pass of one neuron, go back, and ask why a gradient is what it is."""

from pathlib import Path

from autograd import Value, tanh, walk, why
from demos.chapter import run
from demos.picture import say, show

__all__ = ["main"]

INPUTS = {"w": -1.2, "x": 0.5, "b": 0.3}


def main(folder: str = ".") -> dict[str, float]:
    """Step one neuron, answer one why, and return the gradient that each value ends with."""
    w, x, b = (Value(number, name) for name, number in INPUTS.items())
    product = w * x
    product.label = "product"
    total = product + b
    total.label = "sum"
    y = tanh(total)
    y.label = "y"
    numbers = ", ".join(f"{name} = {x:g}" for name, x in INPUTS.items())
    print(f"One neuron: y = tanh(w*x + b), with {numbers}.\n")

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

    grads = {value.label: value.grad for value in (w, x, b, product, total, y)}
    show("bars", grads, title="how much y changes with each", file=Path(folder, "stepping.png"))
    most = max("wxb", key=lambda name: abs(grads[name]))
    others = " and ".join(f"{name} by {grads[name]:.3g}" for name in "wxb" if name != most)
    say(
        f"Of the three inputs {most} moves y most, by {grads[most]:.3g} for each unit of it, "
        f"{others}: each is the product of the partials on its path to y."
    )
    return grads


if __name__ == "__main__":
    run(main)
