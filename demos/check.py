"""The tour checks its own gradients, and finds one that is planted wrong."""

from pathlib import Path

from autograd import Value, check, cos, dot, grad, sin, tanh
from demos.chapter import run
from demos.picture import say, show, wrapped

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
    return the second."""
    print("The gradients of a neuron, tanh(w·x + b), against independent numbers:")
    print(check(neuron, WEIGHTS, INPUTS, BIAS))
    print("\nA derivative that somebody derived by hand: sin(x²)' = cos(x²)?")
    report = check(chirp, 0.7, gradient=planted)
    print("\n".join(wrapped(line) for line in str(report).splitlines()))
    xs = [k / 20 for k in range(50)]
    derivatives = {"the student's": planted, "right": grad(chirp)}
    curves = {name: [(x, f(x)) for x in xs] for name, f in derivatives.items()}
    show("lines", curves, x="x", title="the derivative of sin(x²)", file=Path(folder, "check.png"))
    missing = grad(chirp)(0.7) / planted(0.7)
    off = f"off by the factor {missing:.3g}"
    if abs(missing - 1.4) < 1e-9:
        off = f"short of the right one by the factor {missing:.2f}, which is 2x: "
        off += "the chain rule's inner derivative was forgotten"
    say(f"At x = 0.7 the student's derivative is {off}.")
    return str(report)


if __name__ == "__main__":
    run(main)
