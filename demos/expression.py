"""An expression, its gradients, and the same by finite differences."""

from autograd import Value, tanh

__all__ = ["main"]


def neuron(w: Value, x: Value, b: Value) -> Value:
    """One neuron: tanh(w·x + b)."""
    return tanh(w * x + b)


def main() -> None:
    """Print a neuron, the derivative of its output by each input, and how little finite differences disagree."""
    numbers = {"w": -1.2, "x": 0.5, "b": 0.3}
    inputs = {name: Value(x, name) for name, x in numbers.items()}
    y = neuron(**inputs)
    y.label = "y"
    y.backward()
    print(f"{y}        # y = tanh(w * x + b)")
    for name, value in inputs.items():
        step = 1e-6
        above, below = (neuron(**{n: Value(x + h * (n == name)) for n, x in numbers.items()}) for h in (step, -step))
        slope = (above.data - below.data) / (2 * step)
        print(f"{value!s:<24} dy/d{name} = {value.grad:+.9f}   by finite differences {slope:+.9f}")


if __name__ == "__main__":
    main()
