"""Training in one call, and training again."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from nn.data.dataset import Dataset
from nn.losses import Loss
from nn.training.callbacks import Callback, OnEpoch, ProgressBar
from nn.training.checkpoint import Checkpoint
from nn.training.config import TrainConfig
from nn.training.history import Epoch, History, Rule
from nn.training.trainer import Model, Penalty, Trainer

__all__ = ["rerun", "train"]


def train(
    model: Model,
    data: Dataset,
    loss: Loss | None = None,
    optimizer: Any = None,
    *,
    epochs: int = 100,
    batch_size: int = 16,
    validation: float | Dataset | None = 0.2,
    seed: int = 0,
    penalty: Penalty | None = None,
    until: Rule | None = None,
    engine: str = "auto",
    checkpoint: str | os.PathLike[str] | None = None,
    on_epoch: Callable[[Epoch], Any] | None = None,
    progress: bool | None = None,
    callbacks: Sequence[Callback] = (),
) -> History:
    """Train the model on the data by mini-batch gradient descent and return the history.

    loss: a function of the batch's predictions and targets; cross_entropy for classes, else
    mean_squared_error. optimizer: something with ``step(parameters)``; SGD(0.1) if left out.
    validation: a fraction of the data to hold out, a dataset of its own, or None. seed: decides
    which rows are held out, and the order of the batches; the same seed gives the same run.
    penalty: a function of the weights (not the biases) such as L2(0.01), whose gradient is added to
    that of the loss. until: a rule that ends the run early, such as EarlyStopping(patience=10);
    with one, the parameters at the end are those of the epoch with the lowest validation loss.
    engine: "auto" records model and loss once and replays them on whole batches; where that cannot
    be, or they change on the way, a Fallback warning and ``history.engine`` say why, and rows are
    computed one by one as by "eager". checkpoint: a file that is written after each epoch; if it is
    there already, and of this run (data, options, first parameters), the run goes on from it as if
    it had never stopped, to the last bit. on_epoch: called with each Epoch as it ends. progress:
    show a bar; None means on a terminal. callbacks: see ``nn.training.callbacks.Callback``.

    A loss, gradient or parameter that becomes nan or infinite ends the run with a warning, and the
    parameters go back to the epoch before; Ctrl-C ends it with the best parameters so far, by
    validation loss (without validation: with those of that moment). Either way the history so far
    is returned, and says so in ``stopped``.

    >>> from nn import MLP, moons
    >>> history = train(MLP(2, [8, 2], seed=0), moons(100), epochs=20)
    >>> history[-1].validation_accuracy > 0.8
    True
    """
    options: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    options |= {"validation": validation, "penalty": penalty, "until": until, "engine": engine}
    own: list[Callback] = [ProgressBar(progress)]
    own += [Checkpoint(checkpoint)] if checkpoint is not None else []
    own += [OnEpoch(on_epoch)] if on_epoch else []
    trainer = Trainer(model, data, loss, optimizer, callbacks=[*own, *callbacks], **options)
    trainer.watched = bool(on_epoch or callbacks)
    return trainer.fit()


def rerun(config: TrainConfig) -> tuple[Any, History]:
    """Train a copy of the config's model as it says, and return it with the history.

    If nothing in the config was changed, the numbers are those of the first run, to the last bit.

    >>> from nn import MLP, moons
    >>> model = MLP(2, [4, 2], seed=0)
    >>> history = train(model, moons(40), epochs=3)
    >>> again, same = rerun(history.config)
    >>> same == history, again is model
    (True, False)
    """
    model, optimizer = config.begin()
    options = config.options() | {"model": model, "optimizer": optimizer}
    return model, train(**options, progress=False)
