"""Forward propagation by hand: two inputs, two hidden neurons, one output, and every product
written out."""

from math import tanh
from pathlib import Path

from demos.chapter import run
from demos.picture import say, show
from nn import MLP

__all__ = ["main"]

INPUTS = {"x1": 0.5, "x2": 2.0}
# The weights of each neuron, and its bias.
HIDDEN = {"h1": ([0.8, -0.5], 0.1), "h2": ([-1.0, 0.6], 0.2)}
OUTPUT = {"y": ([1.2, -0.7], -0.3)}

Terms = dict[str, float]


def number(x: float) -> str:
    """To four digits; one below 0 in brackets, as it follows a sign."""
    return f"{x:.4g}" if x >= 0 else f"({x:.4g})"


def neuron(
    name: str, weights: list[float], bias: float, inputs: Terms, activation: str
) -> tuple[float, Terms]:
    """One neuron with pencil and paper: multiply, add, bend. Returns its output and the terms of
    its sum."""
    terms = {f"{name}: {w:g}·{x}": w * inputs[x] for w, x in zip(weights, inputs, strict=True)}
    terms[f"{name}: bias"] = bias
    total = sum(terms.values())
    result = tanh(total) if activation == "tanh" else total
    products = [f"{w:g}·{number(x)}" for w, x in zip(weights, inputs.values(), strict=True)]
    bend = activation if activation == "tanh" else ""
    print(f"{name:>2} = {bend}({' + '.join([*products, number(bias)])})")
    print(f"   = {bend}({' + '.join(map(number, terms.values()))})")
    print(f"   = {bend}({total:.4g}) = {result:.4g}\n" if bend else f"   = {result:.4g}\n")
    return result, terms


def network() -> MLP:
    """The same network in nn, with the same weights."""
    model = MLP(2, [2, 1], activation="tanh", output="linear")
    for layer, numbers in zip(model.layers, (HIDDEN, OUTPUT), strict=True):
        for cell, (weights, bias) in zip(layer.neurons, numbers.values(), strict=True):
            cell.b.data = bias
            for parameter, weight in zip(cell.w, weights, strict=True):
                parameter.data = weight
    return model


def main(folder: str = ".") -> tuple[float, float]:
    """Compute the output by hand and by the network, and return both."""
    print(f"inputs: {', '.join(f'{name} = {x:g}' for name, x in INPUTS.items())}\n")
    # A layer is neurons side by side: each sees all inputs, none sees another.
    hidden, terms = {}, {}
    for name, (weights, bias) in HIDDEN.items():
        hidden[name], found = neuron(name, weights, bias, INPUTS, "tanh")
        terms |= found
    # The next layer sees the outputs of this one, and nothing of the inputs.
    ((name, (weights, bias)),) = OUTPUT.items()
    by_hand, last = neuron(name, weights, bias, hidden, "linear")
    terms |= last

    by_network = network()(list(INPUTS.values())).data
    print(f"by hand    {by_hand:.12f}\nby network {by_network:.12f}")
    show("bars", terms, title="the terms of each sum", file=Path(folder, "forward.png"))
    largest = max(last, key=lambda term: abs(last[term]))
    off = abs(by_hand - by_network)
    agree = "agree to the last digit" if off < 1e-12 else f"differ by {off:.1g}"
    say(
        f"Products, sums and tanh by hand and the network {agree}: y = {by_network:.4g}, and the "
        f"term of its sum that weighs most is {largest.partition(': ')[2]} = {last[largest]:.4g}."
    )
    return by_hand, by_network


if __name__ == "__main__":
    run(main)
