"""An expression, its gradients, and the same by finite differences."""

from pathlib import Path

from autograd import Value, tanh
from demos.chapter import run
from demos.picture import say, show

__all__ = ["main"]


def neuron(w: Value, x: Value, b: Value) -> Value:
    """One neuron: tanh(w·x + b)."""
    return tanh(w * x + b)


def main(folder: str = ".") -> float:
    """Print a neuron and the derivative of its output by each input; return how much finite
    differences disagree."""
    numbers = {"w": -1.2, "x": 0.5, "b": 0.3}
    inputs = {name: Value(x, name) for name, x in numbers.items()}
    y = neuron(**inputs)
    y.label = "y"
    y.backward()
    print(f"{y}        # y = tanh(w * x + b)")
    off, step = 0.0, 1e-6
    for name, value in inputs.items():
        near = (numbers | {name: numbers[name] + h} for h in (step, -step))
        above, below = (neuron(**{n: Value(x) for n, x in at.items()}) for at in near)
        slope = (above.data - below.data) / (2 * step)
        print(f"{value!s:<23} dy/d{name} = {value.grad:+.9f}  by finite differences {slope:+.9f}")
        off = max(off, abs(value.grad - slope))
    grads = {name: value.grad for name, value in inputs.items()}
    show("bars", grads, title="how much y moves with each", file=Path(folder, "expression.png"))
    agree = "agree" if off < 1e-8 else "do not agree"
    say(
        f"One reverse pass gave all {len(inputs)} derivatives, and two more evaluations for each "
        f"of them {agree}: they differ by {off:.0g} at most."
    )
    return off


if __name__ == "__main__":
    run(main)
