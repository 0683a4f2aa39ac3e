"""A network learns two moons, as a page to play: the graph, the decision boundary and the loss,
epoch by epoch."""

from pathlib import Path

from autograd import LayoutError, draw, no_grad
from demos.chapter import run
from demos.picture import say
from nn import MLP, SGD, Frame, accuracy, hinge, moons, play_training, sketch

__all__ = ["main"]

BOUNDS = (-1.6, 2.6, -1.2, 1.7)  # left, right, bottom, top: the moons, and some room
SIDE = 24  # points of the grid, in each direction


def main(folder: str = ".", epochs: int = 20) -> Path | None:
    """Train on 60 points, write training.html, and return its path; None where no layout engine is
    there."""
    data, model = moons(60, seed=1), MLP(2, [8, 4, 1], activation="tanh", seed=2)
    optimizer, frames = SGD(0.25, momentum=0.8), []
    for epoch in range(epochs + 1):
        loss = hinge([model(row) for row, _ in data], data.targets)
        loss.label = "loss"
        model.zero_grad()
        loss.backward()
        drawing = draw(loss, model, depth=2, budget=40)
        frames.append(Frame(epoch, loss.data, _plane(model), drawing))
        for _ in range(3):
            optimizer.step(model.parameters())
            model.zero_grad()
            hinge([model(row) for row, _ in data], data.targets).backward()
        print(f"epoch {epoch:>2}: loss {loss.data:.4f}", flush=True)
    path = Path(folder) / "training.html"
    points = [(x, y, 1.0 if target else -1.0) for (x, y), target in data]
    try:
        play_training(frames, path, points, BOUNDS, "A network of 8 and 4 neurons learns two moons")
    except (LayoutError, ImportError) as error:
        print(f"no page was written: {error}")
        return None
    print(f"\n{sketch.boundary(model, data)}")
    print(f"wrote {path}: open it in a browser, and press play")
    right = accuracy([model(row) for row, _ in data], data.targets)
    points = f"{right:.0%} of the {len(data)} points"
    say(f"After {epochs} epochs {points} lie on their own side of the boundary.")
    return path


def _plane(model: MLP) -> list[list[float]]:
    """What the model predicts over the plane."""
    left, right, bottom, top = BOUNDS
    shares = [i / (SIDE - 1) for i in range(SIDE)]
    xs = [left + (right - left) * share for share in shares]
    ys = [bottom + (top - bottom) * share for share in shares]
    with no_grad():
        return [[model([x, y]).data for x in xs] for y in ys]


if __name__ == "__main__":
    run(main)
