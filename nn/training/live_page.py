"""A training run as a page that replays it: the network trains in the browser, by the printed rows
of autograd's table, with live controls."""

from pathlib import Path
from typing import Any

from autograd import Value, web_page
from nn.activations import ACTIVATIONS, GAINS, activation_function
from nn.checks import type_name
from nn.data.stream import Stream
from nn.layers import MLP
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSProp
from nn.penalties import L1, L2, ElasticNet
from nn.training.config import TrainConfig
from nn.training.history import History
from nn.training.page_check import CURE, check_loss, check_network, loss_of_row
from nn.training.scores import numbered_classes

WEB = Path(__file__).parent / "web"
CELLS = 40  # of the grid over the two features, in each direction
MARGIN = 0.12  # of a feature's range, left free on either side
OPTIMIZERS = (SGD, RMSProp, Adam, AdamW)
MOST = (6, 16)  # hidden layers, and units in each, that the page shows,
ROWS = 20_000  # and rows that a browser trains on while one waits


def live_page(config: TrainConfig, history: History) -> str:
    """The page of a run as text, with the epochs that it had.

    It begins with the parameters that the run began with. Raises ValueError where a page cannot
    train such a run, and GraphError where an operation is made of functions of Python."""
    model, data = config.model, config.data
    _check(config)
    l1, l2 = _strengths(config.penalty)
    sizes = [model.in_features, *(len(layer.neurons) for layer in model.layers)]
    activations = [layer.neurons[0].activation for layer in model.layers]
    outputs = [Value(0.5, f"o{k}") for k in range(sizes[-1])]
    output: Any = outputs[0] if sizes[-1] == 1 else outputs
    # The loss of a row as a graph of its outputs: for each class, or of the target.
    target, kinds = Value(0.5, "target"), enumerate(data.class_names)
    graphs = {f"loss {k}": loss_of_row(config.loss, output, k) for k, _ in kinds}
    graphs = graphs or {"loss": loss_of_row(config.loss, output, target)}
    summed = check_loss(config, graphs, output)
    named = {name: name for name in ACTIVATIONS}
    named |= {kind: f"own {i}" for i, kind in enumerate(activations) if callable(kind)}
    graphs |= {name: activation_function(kind)(Value(0.5, "x")) for kind, name in named.items()}
    check_network(config, *(graphs[named[activations[k]]] for k in (0, -1)))
    weight = Value(1.0, "x")
    graphs |= {"l1": L1(1.0)([weight]), "l2": L2(1.0)([weight])}
    middle, scale = _scale(config, model)
    ends = [(min(column), max(column)) for column in zip(*data.features, strict=True)]
    pairs = [(end, MARGIN * (end[1] - end[0] or 1)) for end in ends]
    bounds = [end for (low, high), margin in pairs for end in (low - margin, high + margin)]
    settings, note = _optimizer(config.optimizer)
    notes = [note, "The page leaves dropout out." * (model.dropout is not None)]
    if own := ", ".join(dict.fromkeys(history.callbacks)):
        notes.append(f"The page leaves out what {own} does during the run.")
    part = config.validation
    run = {
        "sizes": sizes,
        "activation": named[activations[0]],
        "output": named[activations[-1]],
        "activations": [*named.values()],
        "gains": {name: GAINS.get(name, 1.0) for name in named.values()},
        "initial": config.initial,
        "features": data.features,
        "targets": data.targets,
        "validation": [part.features, part.targets] if part else [[], []],
        "names": data.feature_names,
        "classes": data.class_names,
        "bounds": bounds,
        "cells": CELLS,
        "middle": middle,
        "scale": scale,
        "batch": config.batch_size,
        "optimizer": settings,
        "l1": l1,
        "l2": l2,
        "most": MOST,
        "summed": summed,
        "note": " ".join(filter(None, notes)),
        "history": [[epoch.loss, epoch.validation_loss] for epoch in history],
    }
    body, style = ((WEB / f"live.{kind}").read_text("utf-8") for kind in ("html", "css"))
    script = "\n".join((WEB / name).read_text("utf-8") for name in ("network.js", "live.js"))
    return web_page(body, style, script, {"run": run}, f"A network learns {len(data)} rows", graphs)


def _check(config: TrainConfig) -> None:
    """Refuse what a page cannot train."""
    model, data = config.model, config.data
    if type(model) is not MLP:
        came = f"{type_name(model)}: its structure is not known"
        raise ValueError(f"a live page needs a model that is an MLP, got {came}")
    if len(data.feature_names) != 2:
        came = f"{len(data.feature_names)}: make a Dataset of two of its columns"
        raise ValueError(f"a live page needs data of 2 features, got {came}")
    if isinstance(data, Stream):
        raise ValueError("a live page needs a Dataset, got a stream: train on some of its batches")
    if len(data) > ROWS:
        came = f"{len(data):,}: train on data.take(range({ROWS}))"
        raise ValueError(f"a live page needs at most {ROWS:,} rows, got {came}")
    layers, units = len(model.layers) - 1, max(len(layer.neurons) for layer in model.layers)
    if layers > MOST[0] or units > MOST[1]:
        need = f"at most {MOST[0]} hidden layers of at most {MOST[1]} units"
        raise ValueError(f"a live page needs {need}, got {layers} of {units}: train a smaller one")


def _scale(config: TrainConfig, model: MLP) -> tuple[float, float]:
    """Which output is in the middle between two colours, and how far off the full colour is."""
    data = config.data
    if not data.classification:
        low, high = min(data.targets), max(data.targets)
        return (low + high) / 2, (high - low) / 2 or 1.0
    several, count = len(model.layers[-1].neurons) > 1, len(data.class_names)
    if not several and numbered_classes(model(data.features[0]), config.loss, count):
        return (count - 1) / 2, 0.5
    return 0.0, 1.0


def _optimizer(optimizer: Any) -> tuple[dict[str, Any], str]:
    """What the page needs to know of an optimiser, and what it leaves out."""
    if type(optimizer) not in OPTIMIZERS:
        note = f"The page trains with SGD(0.1), as it does not know {type_name(optimizer)}."
        return {"name": "SGD", "rate": 0.1}, note
    known: Optimizer = optimizer
    settings = {name: x for name, x in known.settings().items() if not callable(x)}
    note = "The rate of the page does not change by a schedule." * callable(known.learning_rate)
    return settings | {"name": type(known).__name__, "rate": float(known.rate)}, note


def _strengths(penalty: Any) -> tuple[float, float]:
    """The strengths of L1 and L2 in a penalty; a ValueError for one of one's own."""
    if penalty is None:
        return 0.0, 0.0
    if type(penalty) not in (L1, L2, ElasticNet):
        need = "a live page needs a penalty that is L1, L2 or ElasticNet, or none"
        raise ValueError(f"{need}, got {type_name(penalty)}, which is your own: {CURE}")
    ratio: float = {L1: 1.0, L2: 0.0}.get(type(penalty), getattr(penalty, "ratio", 0.0))
    return penalty.strength * ratio, penalty.strength * (1 - ratio)
