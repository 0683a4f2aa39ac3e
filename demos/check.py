"""The tour checks its own gradients, and finds one that is planted wrong."""

from autograd import Value, check, cos, dot, sin, tanh

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


def main() -> None:
    """Print the verdict on the gradients of a neuron, and on a derivative that lacks something."""
    print("The gradients of a neuron, tanh(w·x + b), against independent numbers:")
    print(check(neuron, WEIGHTS, INPUTS, BIAS))
    print("\nA derivative that somebody derived by hand: sin(x²)' = cos(x²)?")
    print(check(chirp, 0.7, gradient=planted))


if __name__ == "__main__":
    main()
