"""A network learns two moons, as a page that trains it again: every unit, the weights or their
gradients, the decision boundary and the loss, epoch by epoch."""

from pathlib import Path

from demos.chapter import run
from demos.picture import say
from nn import MLP, SGD, evaluate, hinge, moons, sketch, train

__all__ = ["main"]


def main(folder: str = ".", epochs: int = 60) -> Path:
    """Train on 60 points, all in each step, write training.html, and return its path."""
    data, model = moons(60, seed=1), MLP(2, [8, 4, 1], activation="tanh", seed=2)
    path, optimizer = Path(folder) / "training.html", SGD(0.25, momentum=0.8)
    options = {"epochs": epochs, "batch_size": len(data), "validation": None}
    print(train(model, data, hinge, optimizer, page=path, **options))
    print(f"\n{sketch.boundary(model, data)}")
    print(f"wrote {path}: open it in a browser, and press play")
    points = f"{evaluate(model, data, hinge)[1]:.0%} of the {len(data)} points"
    say(f"After {epochs} epochs {points} lie on their own side of the boundary.")
    return path


if __name__ == "__main__":
    run(main)
