"""A thin neural-net layer on top of autograd: modules, losses, optimisers, data, training loop."""

import os
import signal
import sys


def _interrupted(*_: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(130)  # nothing has been begun, and imports would turn an exception into others


# as ``python -m nn``, until the command begins: see __main__
if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _interrupted)

import importlib.util
import typing

_spec = importlib.util.find_spec("autograd")  # not run yet: it may be the user's own script
_places = [_spec.origin, *(_spec.submodule_search_locations or ())] if _spec else []
_found = next(filter(None, _places), "no place")
if not os.path.isdir(os.path.join(os.path.dirname(_found), "engine")):
    _anew = "pip uninstall autograd glassgrad, then install glassgrad again"
    _cure = f"give glassgrad a virtual environment of its own, or here: {_anew}"
    if os.path.basename(_found) == "autograd.py" and "site-packages" not in _found:
        _cure = "rename that file"
    _came = f"'import autograd' finds another at {_found}"
    raise ImportError(f"nn needs glassgrad's autograd, but {_came}: {_cure}")

from nn.init import *
from nn.layers import *
from nn.losses import *
from nn.metrics import *
from nn.module import *
from nn.optim import *
from nn.penalties import *
from nn.schedules import *

if typing.TYPE_CHECKING:  # at run time these are imported when they are asked for, see LATER
    from nn.analysis.baselines import *
    from nn.analysis.hessian import *
    from nn.analysis.importance import *
    from nn.analysis.lr_finder import *
    from nn.data.csv_parts import *
    from nn.data.dataset import *
    from nn.data.load import *
    from nn.data.scaling import *
    from nn.data.stream import *
    from nn.data.table import *
    from nn.data.toy import *
    from nn.doctor import diagnose as diagnose
    from nn.io.exports import *
    from nn.io.from_torch import *
    from nn.io.models import *
    from nn.io.predictor import *
    from nn.plotting import mpl as plot
    from nn.plotting import terminal as sketch
    from nn.training.callbacks import *
    from nn.training.checkpoint import *
    from nn.training.checks import *
    from nn.training.config import *
    from nn.training.evaluation import *
    from nn.training.fit import *
    from nn.training.history import *
    from nn.training.trainer import *

# Names by the module that has them; one that is a module itself by its own path.
LATER = {
    "analysis.baselines": ["baselines"],
    "analysis.hessian": ["curvature"],
    "analysis.importance": ["permutation_importance"],
    "analysis.lr_finder": ["RateSearch", "find_rate"],
    "data.csv_parts": ["batches_of"],
    "data.dataset": ["Dataset"],
    "data.load": ["load_csv"],
    "data.scaling": ["Standardizer"],
    "data.stream": ["Stream"],
    "data.table": ["DataError"],
    "data.toy": ["circles", "iris", "moons", "spirals", "xor"],
    "doctor": ["diagnose"],
    "io.exports": ["export"],
    "io.from_torch": ["from_torch"],
    "io.models": ["StoreError", "load", "save"],
    "io.predictor": ["Predictor", "load_predictor"],
    "plotting.mpl": ["plot"],
    "plotting.terminal": ["sketch"],
    "training.callbacks": ["Callback", "EarlyStopping"],
    "training.checkpoint": ["Checkpoint", "Unsaved"],
    "training.checks": ["Divergence", "Fallback", "Mismatch"],
    "training.config": ["TrainConfig"],
    "training.evaluation": ["evaluate", "predict"],
    "training.fit": ["rerun", "train"],
    "training.history": ["Epoch", "History"],
    "training.trainer": ["Trainer", "Training"],
}


def __dir__() -> list[str]:
    now = {name for name, x in globals().items() if name[0] != "_" and type(x) is not type(os)}
    return sorted(now.union(*LATER.values()) - {"LATER"})


if not typing.TYPE_CHECKING:  # or every name would be one of nn's, to mypy

    def __getattr__(name: str) -> typing.Any:
        """What not everyone needs is imported when somebody asks for it."""
        if name == "__all__":
            return __dir__()
        for place, names in LATER.items():
            if name in names:
                module = importlib.import_module(f"nn.{place}")
                globals()[name] = found = getattr(module, name, module)
                return found
        cures = importlib.import_module("nn.other_libraries").ATTRIBUTES["nn"]
        cure = f": {cures[name]}" if name in cures else ""
        raise AttributeError(f"module 'nn' has no attribute {name!r}{cure}", name=name)
