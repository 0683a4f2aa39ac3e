"""Recipe: how a run of training was made, so that it can be made again, as it was or with one thing
changed.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nn.data.dataset import Dataset
from nn.losses import loss_name
from nn.module import generators
from nn.optim import Optimizer

if TYPE_CHECKING:
    from nn.training.history import History

__all__ = ["Recipe"]


@dataclass(frozen=True, repr=False)
class Recipe:
    """What ``history.recipe`` keeps of a run: its rows, model, first parameters, loss, optimiser
    and options.

    ``dataclasses.replace`` gives the recipe of another run, ``with_model`` one of another model.
    ``model`` is the model that the run moves, ``initial`` the numbers that its parameters began
    with, ``optimizer`` a copy of the optimiser as it was then, ``validation`` the part held out
    (None: there was none). Nothing in it is changed by ``run``.

    >>> from dataclasses import replace
    >>> from nn import MLP, SGD, moons, train
    >>> slow = train(MLP(2, [8, 2], seed=0), moons(100), optimizer=SGD(0.001), epochs=20)
    >>> slow.recipe
    Recipe(MLP, 80 + 20 rows, cross_entropy, SGD(learning_rate=0.001, momentum=0), 20 epochs of batches of 16)
    >>> model, fast = replace(slow.recipe, optimizer=SGD(0.5)).run()
    >>> fast[-1].loss < 0.5 < slow[-1].loss
    True
    """

    model: Any
    initial: tuple[float, ...]
    data: Dataset
    validation: Dataset | None
    loss: Any
    optimizer: Any
    epochs: int
    batch_size: int
    penalty: Any = None
    until: Any = None
    seed: int = 0
    engine: str = "auto"
    draws: tuple[Any, ...] = ()  # the states of the model's own generators

    @classmethod
    def of(cls, run: Any) -> "Recipe":
        """The recipe of a Training that has not begun."""
        optimizer = run.optimizer
        if isinstance(
            optimizer, Optimizer
        ):  # of what others are made of nothing is known: they stay as they are
            optimizer = deepcopy(optimizer, {id(p): p for p in run.parameters})
        options = {
            name: getattr(run, name)
            for name in ("epochs", "batch_size", "penalty", "until", "seed", "engine")
        }
        return cls(
            model=run.model,
            initial=tuple(p.data for p in run.parameters),
            data=run.data,
            validation=run.validation,
            loss=run.loss,
            optimizer=optimizer,
            **options,
            draws=tuple(rng.getstate() for rng in generators(run.model)),
        )

    def with_model(self, model: Any) -> "Recipe":
        """The recipe with another model, which begins with the parameters that it has now.

        >>> from nn import MLP, moons, train
        >>> recipe = train(MLP(2, [4, 2], seed=0), moons(40), epochs=1).recipe
        >>> len(recipe.initial), len(recipe.with_model(MLP(2, [8, 2], seed=0)).initial)
        (22, 42)
        """
        initial = tuple(p.data for p in model.parameters())
        draws = tuple(rng.getstate() for rng in generators(model))
        return replace(
            self, model=model, initial=initial, draws=draws, optimizer=_fresh(self.optimizer)
        )

    def fresh(self) -> Any:
        """A copy of the model as it was before the run."""
        return self._begun()[0]

    def run(self) -> "tuple[Any, History]":
        """Make the run (again): a copy of the model, trained, and the history of its epochs.

        It is quiet but for warnings, and gives the numbers of the first run, bit for bit, if
        nothing was changed."""
        from nn.training.fit import train  # here, since a run knows its recipe

        model, optimizer = self._begun()
        options: dict[str, Any] = {
            "penalty": self.penalty,
            "until": self.until,
            "engine": self.engine,
        }
        options |= {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "progress": False,
        }
        return model, train(
            model, self.data, self.loss, optimizer, validation=self.validation, **options
        )

    def _begun(self) -> tuple[Any, Any]:
        """Copies of the model and the optimiser, as they were before the run."""
        model, optimizer = deepcopy(
            (self.model, self.optimizer)
        )  # in one, so that its state is of the copy's weights
        parameters: Sequence[Any] = list(dict.fromkeys(model.parameters()))
        if len(parameters) != len(self.initial):
            raise ValueError(
                f"a recipe needs a number for each of {len(parameters)} parameters, got {len(self.initial)}: "
                "change its model by recipe.with_model(model)"
            )
        for p, x in zip(parameters, self.initial, strict=True):
            p.data = x
            p.zero_grad()
        for rng, state in zip(
            generators(model), self.draws, strict=False
        ):  # copies, like the model
            rng.setstate(state)
        return model, optimizer

    def __repr__(self) -> str:
        rows = (
            f"{len(self.data)} + {len(self.validation)} rows"
            if self.validation
            else f"{len(self.data)} rows"
        )
        parts = [type(self.model).__name__, rows, loss_name(self.loss), repr(self.optimizer)]
        extra = [
            f"{name}={x!r}"
            for name in ("penalty", "until")
            if (x := getattr(self, name)) is not None
        ]
        return f"Recipe({', '.join([*parts, f'{self.epochs} epochs of batches of {self.batch_size}', *extra])})"


def _fresh(optimizer: Any) -> Any:
    """A copy of an optimiser that has moved nothing yet."""
    if not isinstance(optimizer, Optimizer):
        return optimizer
    fresh = deepcopy(optimizer, {id(p): p for p in optimizer.state})
    fresh.state.clear()
    fresh._left_behind = 0
    fresh.steps = 0
    return fresh
