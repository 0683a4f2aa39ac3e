"""A neuron as a picture, and as a page that steps through its backprop."""

from pathlib import Path

from autograd import LayoutError, Value, draw, tanh
from demos.chapter import run
from demos.picture import say

__all__ = ["main"]


def main(folder: str = ".") -> list[Path]:
    """Draw a neuron as y.svg and y.html, and return the files; say what is missing where they
    cannot be drawn."""
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    y = tanh(w * x + b)
    y.label = "y"
    y.backward()
    drawing = draw(y, {"neuron.w": w, "neuron.b": b})
    files = []
    try:
        for name, what in {"y.svg": "the picture", "y.html": "the same, to step through"}.items():
            file = Path(folder, name)
            drawing.save(file)
            files.append(file)
            print(f"{file}: {what}")
    except (LayoutError, ImportError) as error:
        print(f"not drawn: {error}")
    moves = f"w moves it by {w.grad:.4g} a unit, x by {x.grad:.4g} and b by {b.grad:.4g}"
    say(f"y is {y.data:.4g}, and {moves}.")
    return files


if __name__ == "__main__":
    run(main)
