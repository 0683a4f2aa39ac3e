"""Loss trajectories of PyTorch in float64, to which tests/nn/test_trajectories.py holds every
optimiser and loss of nn.

    python -m venv torch && torch/bin/pip install torch==2.13.0 && torch/bin/python -m
    tests.benchmarks.trajectories

writes tests/nn/trajectories.json anew: rows, targets, initial weights (drawn here, for a 3-4-k
network of tanh), and for each run the loss of 200 steps over all rows, and the parameters after.
"""

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

STEPS = 200
ROWS, INPUTS, HIDDEN, CLASSES = 9, 3, 4, 3
PLACE = Path(__file__).parents[1] / "nn" / "trajectories.json"


def problem(seed: int = 0) -> dict[str, Any]:
    """Rows, targets of three kinds, and initial weights of both layers; numbers that JSON keeps
    exactly.
    """
    rng = random.Random(seed)
    rows = [[rng.gauss(0, 1) for _ in range(INPUTS)] for _ in range(ROWS)]
    return {
        "rows": rows,
        "numbers": [2 * row[0] - row[1] * row[2] + rng.gauss(0, 0.1) for row in rows],
        "classes": [(row[0] > 0.3) + (row[1] > 0) for row in rows],
        "halves": [int(row[0] * row[1] > -0.2) for row in rows],
        "hidden": [
            [rng.uniform(-0.7, 0.7) for _ in range(INPUTS + 1)] for _ in range(HIDDEN)
        ],  # w1 ... wn, b
        "output": [[rng.uniform(-0.7, 0.7) for _ in range(HIDDEN + 1)] for _ in range(CLASSES)],
    }


def runs() -> dict[str, tuple[str, int, Callable[..., Any], Callable[..., Any]]]:
    """For each run: which targets, how many outputs, the loss, and what makes the optimiser."""
    import torch
    from torch import nn, optim

    weights = torch.tensor([0.5, 1.0, 2.5], dtype=torch.float64)
    pair = torch.tensor([0.5, 2.0], dtype=torch.float64)
    cross_entropy, squared = nn.CrossEntropyLoss(), nn.MSELoss()
    logits = torch.nn.functional.binary_cross_entropy_with_logits

    def weighted(z: Any, t: Any) -> Any:
        return logits(z, t, weight=pair[t.long()], reduction="sum") / pair[t.long()].sum()

    def hinge(score: Any, t: Any) -> Any:  # PyTorch has none for two classes
        return (1 - (2 * t - 1) * score).clamp(min=0).mean()

    adam = partial(optim.Adam, lr=0.02)
    optimizers = {
        "SGD": partial(optim.SGD, lr=0.1),
        "momentum": partial(optim.SGD, lr=0.05, momentum=0.9),
        "Nesterov": partial(optim.SGD, lr=0.05, momentum=0.9, nesterov=True),
        "RMSProp": partial(optim.RMSprop, lr=0.01, alpha=0.95),
        "Adam": adam,
        "AdamW": partial(optim.AdamW, lr=0.02, weight_decay=0.1),
        "L2": partial(optim.SGD, lr=0.1, weight_decay=0.01),  # of weights and biases; see train
        "step": partial(optim.SGD, lr=0.2),
        "cosine": partial(optim.SGD, lr=0.2),
        "warm-up": partial(optim.SGD, lr=0.2),
        "clip value": partial(optim.SGD, lr=0.2),
        "clip norm": partial(optim.SGD, lr=0.2),
    }
    losses = {
        "mean absolute error": ("numbers", 1, nn.L1Loss()),
        "Huber": ("numbers", 1, nn.HuberLoss(delta=0.7)),
        "binary cross-entropy": ("halves", 1, nn.BCEWithLogitsLoss()),
        "weighted binary cross-entropy": ("halves", 1, weighted),
        "weighted cross-entropy": ("classes", 3, nn.CrossEntropyLoss(weight=weights)),
        "smoothed cross-entropy": ("classes", 3, nn.CrossEntropyLoss(label_smoothing=0.2)),
        "weighted smoothed cross-entropy": (
            "classes",
            3,
            nn.CrossEntropyLoss(weight=weights, label_smoothing=0.2),
        ),
        "hinge": ("halves", 1, hinge),
    }
    return {
        **{
            f"cross-entropy, {name}": ("classes", 3, cross_entropy, make)
            for name, make in optimizers.items()
        },
        **{
            f"mean squared error, {name}": ("numbers", 1, squared, optimizers[name])
            for name in ("Nesterov", "AdamW")
        },
        **{f"{name}, Adam": (*loss, adam) for name, loss in losses.items()},
    }


def schedule(name: str, optimizer: Any) -> Any:
    """PyTorch's schedule for the runs named after one, to be stepped after the optimiser."""
    from torch.optim import lr_scheduler

    if name.endswith("step"):
        return lr_scheduler.StepLR(optimizer, 60, gamma=0.5)
    if name.endswith("cosine"):
        return lr_scheduler.CosineAnnealingLR(optimizer, 200, eta_min=0.01)
    if name.endswith("warm-up"):
        return lr_scheduler.LinearLR(optimizer, start_factor=1 / 20, total_iters=19)
    return None


def train(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The losses of one run before each of its steps, and the parameters at its end."""
    import torch

    kind, outputs, loss, make = runs()[name]
    x = torch.tensor(given["rows"], dtype=torch.float64)
    t = (
        torch.tensor(given[kind])
        if kind == "classes"
        else torch.tensor(given[kind], dtype=torch.float64)
    )
    layers = [torch.tensor(given[layer], dtype=torch.float64) for layer in ("hidden", "output")]
    layers[1] = layers[1][:outputs]
    w1, b1, w2, b2 = (
        part.clone().requires_grad_() for w in layers for part in (w[:, :-1], w[:, -1])
    )
    parameters = [w1, b1, w2, b2]
    optimizer = make(parameters)
    if name.endswith("L2"):  # decays weights alone, as nn's L2 does
        optimizer = make([{"params": [w1, w2]}, {"params": [b1, b2], "weight_decay": 0.0}])
    rates, losses = schedule(name, optimizer), []
    for _ in range(STEPS):
        z = torch.tanh(x @ w1.T + b1) @ w2.T + b2
        y = loss(z[:, 0] if outputs == 1 else z, t)
        losses.append(y.item())
        optimizer.zero_grad()
        y.backward()
        if name.endswith("clip value"):
            torch.nn.utils.clip_grad_value_(parameters, 0.05)
        if name.endswith("clip norm"):  # clip_grad_norm_ adds 1e-6 to the length
            length = torch.nn.utils.get_total_norm([p.grad for p in parameters])
            torch.nn.utils.clip_grads_with_norm_(parameters, 0.1, (length - 1e-6))
        optimizer.step()
        if rates:
            rates.step()
    return {
        "losses": losses,
        "parameters": [
            [*w, b]
            for w, b in [
                *zip(w1.tolist(), b1.tolist(), strict=True),
                *zip(w2.tolist(), b2.tolist(), strict=True),
            ]
        ],
    }


def main() -> None:
    """Run them all, and write the file."""
    import torch

    torch.set_num_threads(1)
    given = problem()
    found = {name: train(name, given) for name in runs()}
    content = {"torch": torch.__version__, "problem": given, "runs": found}
    PLACE.write_text(
        json.dumps(content, indent=None, separators=(",", ":")).replace('},"', '},\n"') + "\n"
    )
    for name, run in found.items():
        print(f"{name:<50} {run['losses'][0]:.6f} -> {run['losses'][-1]:.6f}")


if __name__ == "__main__":
    main()
