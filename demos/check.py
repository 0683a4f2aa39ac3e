"""The tour checks its own gradients, and finds one that is planted wrong."""

from pathlib import Path

from autograd import Value, check, cos, dot, grad, sin, tanh
from demos.chapter import run
from demos.picture import say, show, wrapped
from nn import plot, sketch

__all__ = ["main"]

WEIGHTS, INPUTS, BIAS = [0.8, -1.2], [0.5, 2.0], 0.3


def neuron(w: list[Value], x: list[Value], b: Value) -> Value:
    """One neuron: tanh(w·x + b)."""
    return tanh(dot(w, x, b))


def chirp(x: float) -> float:
    """A tone that rises: sin(x²)."""
    return sin(x * x)


def planted(x: float) -> float:
    """Its derivative by a student in a hurry."""
    return cos(x * x)


def main(folder: str = ".") -> str:
    """Print the verdict on the gradients of a neuron, and on a derivative that lacks something;
    return the second.
    """
    print("The gradients of a neuron, tanh(w·x + b), against independent numbers:")
    print(check(neuron, WEIGHTS, INPUTS, BIAS))
    print("\nA derivative that somebody derived by hand: sin(x²)' = cos(x²)?")
    report = check(chirp, 0.7, gradient=planted)
    print("\n".join(wrapped(line) for line in str(report).splitlines()))
    xs = [k / 20 for k in range(50)]
    curves = {
        name: [(x, f(x)) for x in xs]
        for name, f in {"the student's": planted, "right": grad(chirp)}.items()
    }
    title = "the derivative of sin(x²)"
    show(
        sketch.lines(curves, title=title),
        lambda: plot.lines(curves, x="x", title=title),
        Path(folder) / "check.png",
    )
    missing = grad(chirp)(0.7) / planted(0.7)
    say(
        "At x = 0.7 the student's derivative is short of the right one by the factor "
        f"{missing:.2f}, which is 2x: the "
        "chain rule's inner derivative was forgotten."
        if abs(missing - 1.4) < 1e-9
        else f"At x = 0.7 the student's derivative is off by the factor {missing:.3g}."
    )
    return str(report)


if __name__ == "__main__":
    run(main)
