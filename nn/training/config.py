"""TrainConfig: all that decides a run, to run it again, as it was or with one thing changed."""

from copy import deepcopy
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from nn.losses import loss_name
from nn.module import generators
from nn.optim import Optimizer

__all__ = ["TrainConfig"]


@dataclass(frozen=True, repr=False)
class TrainConfig:
    """The options of ``train``, with their defaults; in ``history.config``, those of its run.

    There ``data`` and ``validation`` are the two parts as they were used, ``optimizer`` is a copy
    of the optimiser before the run, ``initial`` holds the numbers that the parameters began with
    and ``draws`` the states of the model's random generators. ``dataclasses.replace`` and
    ``with_model`` change one thing, ``rerun`` runs the result.

    >>> from nn import MLP, moons, train
    >>> train(MLP(2, [8, 2], seed=0), moons(100), epochs=2).config
    TrainConfig(MLP, 80 + 20 rows, cross_entropy, SGD(learning_rate=0.1, momentum=0),
    2 epochs of batches of 16)
    """

    model: Any
    data: Any
    loss: Any = None
    optimizer: Any = None
    _: KW_ONLY
    epochs: int = 100
    batch_size: int = 16
    validation: Any = 0.2
    seed: int = 0
    penalty: Any = None
    until: Any = None
    engine: str = "auto"
    initial: tuple[float, ...] = ()
    draws: tuple[Any, ...] = ()

    def options(self) -> dict[str, Any]:
        """What ``train`` takes, by name."""
        return {name: x for name, x in vars(self).items() if name not in ("initial", "draws")}

    def with_start(self) -> "TrainConfig":
        """The same, with the model and the optimiser as they are now for its beginning."""
        optimizer = self.optimizer
        if isinstance(optimizer, Optimizer):  # of others nothing is known: they are not copied
            optimizer = deepcopy(optimizer, {id(p): p for p in self.model.parameters()})
        initial = tuple(p.data for p in dict.fromkeys(self.model.parameters()))
        draws = tuple(rng.getstate() for rng in generators(self.model))
        return replace(self, optimizer=optimizer, initial=initial, draws=draws)

    def with_model(self, model: Any) -> "TrainConfig":
        """The same with another model, which begins with the parameters that it has now."""
        ours = isinstance(self.optimizer, Optimizer)
        optimizer = self.optimizer.fresh() if ours else self.optimizer
        return replace(self, model=model, optimizer=optimizer).with_start()

    def fresh(self) -> Any:
        """A copy of the model as it was before the run."""
        return self.begin()[0]

    def begin(self) -> tuple[Any, Any]:
        """Copies of the model and the optimiser, as they were before the run."""
        # in one, so that the optimiser's state is of the copied parameters
        model, optimizer = deepcopy((self.model, self.optimizer))
        parameters = list(dict.fromkeys(model.parameters()))
        if len(parameters) != len(self.initial):
            need = f"a config needs a number for each of {len(parameters)} parameters"
            cure = "change its model by config.with_model(model)"
            raise ValueError(f"{need}, got {len(self.initial)}: {cure}")
        for p, x in zip(parameters, self.initial, strict=True):
            p.data = x
            p.zero_grad()
        for rng, state in zip(generators(model), self.draws, strict=False):
            rng.setstate(state)
        return model, optimizer

    def __repr__(self) -> str:
        rows = f"{len(self.data)} + " if hasattr(self.data, "__len__") else "a stream + "
        rows = f"{rows}{len(self.validation)} rows" if self.validation else f"{rows[:-3]} rows"
        rows = rows.replace("stream rows", "stream")
        parts = [type(self.model).__name__, rows, loss_name(self.loss), repr(self.optimizer)]
        of = f" of batches of {self.batch_size}" if hasattr(self.data, "__len__") else ""
        parts.append(f"{self.epochs} epochs{of}")
        given = {"penalty": self.penalty, "until": self.until}
        parts += [f"{name}={x!r}" for name, x in given.items() if x is not None]
        return f"TrainConfig({', '.join(parts)})"
