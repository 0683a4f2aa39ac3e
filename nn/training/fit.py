"""The whole of training in one call: a run to its end, with a progress bar, checkpoints, and
Ctrl-C.
"""

import os
import warnings
from collections.abc import Callable
from typing import Any

from nn.data.dataset import Dataset
from nn.io.json_file import StoreError
from nn.training.checkpoint import Unsaved, read_checkpoint, ready, write_checkpoint
from nn.training.evaluation import Loss
from nn.training.history import Epoch, History, Rule
from nn.training.progress import Progress
from nn.training.trainer import Divergence, Model, Mover, Penalty, Training

__all__ = ["train"]


def train(
    model: Model,
    data: Dataset,
    loss: Loss | None = None,
    optimizer: Mover | None = None,
    *,
    epochs: int = 100,
    batch_size: int = 16,
    validation: float | Dataset | None = 0.2,
    seed: int = 0,
    penalty: Penalty | None = None,
    until: Rule | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
    progress: bool | None = None,
    engine: str = "auto",
) -> History:
    """Train the model on the data by mini-batch gradient descent and return the history of its
    epochs.

    loss: a function of the batch's predictions and targets; cross_entropy for classes, else
    mean_squared_error. optimizer: something with ``step(parameters)``; SGD(0.1) if it is left out.
    validation: a part of the data to hold out (a fraction), a dataset of its own, or None. seed:
    decides which rows are held out, and the order of the batches; the same seed gives the same run.
    penalty: a function of the weights (not the biases), such as L2(0.01), whose gradient adds to
    that of the loss. until: a rule that ends the run early, such as EarlyStopping(patience=10).
    With one, the parameters at the end are those of the epoch with the lowest validation loss.
    checkpoint: a file that is written after each epoch; if it is there already, and of this run
    (the same data, options and first parameters), the run goes on from it, bit for bit as if it had
    never ended: with the parameters, the optimiser's state and the model's own ``random.Random``
    attributes, but no other state that a model may have. Ask for more epochs, and it goes on after
    the last. If one cannot be written, an Unsaved warning says so. on_epoch: called with each Epoch
    as it ends. progress: show a bar; None means on a terminal. engine: "auto" records model and
    loss once and replays them on whole batches; where that cannot be, or they change on the way, a
    Fallback warning says why, as does ``engine`` of the history, and the rows are computed one by
    one as by "eager".

    A loss, gradient or parameter that becomes nan or infinite ends the run with a warning, and the
    parameters go back to the epoch before; Ctrl-C ends it with the best parameters so far, by
    validation loss (without validation: with those of that moment). Either way the history so far
    is returned, and says so in ``stopped``.

    >>> from nn import MLP, moons
    >>> history = train(MLP(2, [8, 2], seed=0), moons(100), epochs=20)
    >>> history[-1].validation_accuracy > 0.8
    True
    """
    options: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "validation": validation,
        "seed": seed,
    }
    run = Training(
        model, data, loss, optimizer, **options, penalty=penalty, until=until, engine=engine
    )
    try:
        for doubt, kind in run.doubts():
            warnings.warn(doubt, kind, stacklevel=2)
        if checkpoint is not None:
            ready(run, checkpoint)
            if os.path.exists(checkpoint):
                read_checkpoint(run, checkpoint)
        bar = Progress(run.run(), epochs - len(run.history), "epoch", show=progress)
        run.attended = on_epoch is not None
        for epoch in bar:
            while run.news:
                warnings.warn(*run.news.pop(0), stacklevel=2)
            bar.note = repr(epoch).partition(": ")[2]  # the bar has its number
            if checkpoint is not None:
                try:
                    write_checkpoint(run, checkpoint)
                except (StoreError, TypeError) as error:  # a full disk is no reason to lose the run
                    warnings.warn(
                        f"training goes on without a checkpoint: {error}", Unsaved, stacklevel=2
                    )
            if on_epoch:
                on_epoch(epoch)
    except KeyboardInterrupt:
        run.interrupt()
    if run.history.diverged:
        warnings.warn(run.history.stopped, Divergence, stacklevel=2)
    return run.history
