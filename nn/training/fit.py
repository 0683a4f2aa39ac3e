"""Training in one call, and training again."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.data.stream import Stream
from nn.io.json_file import PathLike
from nn.losses import Loss
from nn.module import Module
from nn.other_libraries import OPTIONS
from nn.training.callbacks import Callback, OnEpoch, ProgressBar
from nn.training.checkpoint import Checkpoint
from nn.training.config import TrainConfig
from nn.training.history import Epoch, History, Rule
from nn.training.trainer import Penalty, Trainer

__all__ = ["rerun", "train"]


def train(
    model: Any,
    data: Dataset | Stream | Callable[..., Any] | Iterator[Any],
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
    checkpoint: PathLike | None = None,
    page: PathLike | None = None,
    on_epoch: Callable[[Epoch], Any] | None = None,
    progress: bool | None = None,
    callbacks: Sequence[Callback] = (),
    **others: NoReturn,
) -> History:
    """Train the model on the data by mini-batch gradient descent and return the history.

    model: anything with ``parameters()`` that can be called with a row. data: a Dataset, or batches
    that come one after the other, as ``Stream`` and ``batches_of`` give them. loss: a function of
    the batch's outputs and targets; cross_entropy for classes, else mean_squared_error. optimizer:
    something with ``step(parameters)``; SGD(0.1) if left out. validation: a fraction of the data to
    hold out, a dataset, or None. seed: of the split and the order of the batches. penalty: a
    function of the weights, not the biases, such as L2(0.01), added to the loss. until: a rule that
    ends the run early, such as EarlyStopping(10); the parameters at the end are then those of the
    lowest validation loss. engine: "auto" replays a recording on whole batches where it can
    (``history.engine`` says what ran), "eager" goes row by row, "jax" shares the rows of each batch
    out over all devices of JAX, and the processes that it has joined. checkpoint: a file that is
    written after each epoch, and from which the same run goes on. page: where to write
    ``history.page`` at the end. on_epoch: called with each Epoch. progress: show a bar, and in a
    notebook the losses as curves when it ends; None means in a notebook and on a terminal.

    A loss, gradient or parameter that becomes nan or infinite ends the run, and the parameters go
    back to the epoch before; Ctrl-C ends it with the best parameters so far, by validation loss.
    ``history.stopped`` says so.

    >>> from nn import MLP, moons
    >>> history = train(MLP(2, [8, 2], seed=0), moons(100), epochs=20)
    >>> history[-1].validation_accuracy > 0.8
    True
    """
    for name in others:
        cure = f": write {OPTIONS['train'][name]}" if name in OPTIONS["train"] else ""
        raise TypeError(f"train has no option {name}{cure}")
    options: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    options |= {"validation": validation, "penalty": penalty, "until": until, "engine": engine}
    is_source = callable(data) or hasattr(data, "__next__")
    if is_source and not isinstance(data, (Dataset, Stream, Module, type)):
        data = Stream(data)
    if on_epoch is not None and not callable(on_epoch):
        raise TypeError(f"train needs a function of an Epoch as on_epoch, got {on_epoch!r}")
    own: list[Callback] = [ProgressBar(progress)]
    own += [Checkpoint(checkpoint)] if checkpoint is not None else []
    own += [OnEpoch(on_epoch)] if on_epoch else []
    rows: Any = data
    if not isinstance(callbacks, (list, tuple)):
        came = f"{callbacks!r}: write [{callbacks!r}]"
        raise TypeError(f"train needs callbacks in a list, got {came}")
    trainer = Trainer(model, rows, loss, optimizer, callbacks=[*own, *callbacks], **options)
    trainer.watched = bool(on_epoch or callbacks)
    if page is None:
        return trainer.fit()
    trainer.history.page(page, dry_run=True)  # what it refuses, it refuses before the run
    history = trainer.fit()
    history.page(page)
    return history


def rerun(config: TrainConfig) -> tuple[Any, History]:
    """Train a copy of the config's model as it says: to the last bit as before, if unchanged."""
    if not isinstance(config, TrainConfig):
        came = f"{type_name(config)}: write rerun(history.config)"
        raise TypeError(f"rerun needs the config of a run, got {came}")
    model, optimizer = config.begin()
    options = config.options() | {"model": model, "optimizer": optimizer}
    return model, train(**options, progress=False)
