"""What users of other libraries write, and how the same is written here: for error sentences."""

from collections.abc import Iterable

ATTRIBUTES = {
    "Module": {
        "fit": "write train(model, data)",
        "train": "write train(model, data), or for dropout: with training_mode(model): ...",
        "eval": "dropout is on inside of training_mode(model) alone",
        "forward": "write model(row)",
        "predict": "write model(row), or predict(model, data)",
        **dict.fromkeys(("score", "evaluate"), "write evaluate(model, data)"),
        "compile": "give train the loss and the optimizer",
        "summary": "write print(model)",
        "state_dict": "write save(model, path)",
        "load_state_dict": "write load(path, model)",
        **dict.fromkeys(("to", "cuda"), 'write train(..., engine="jax"), on all devices of JAX'),
    },
    "Optimizer": {
        "zero_grad": "write model.zero_grad() before loss.backward()",
        "minimize": "write loss.backward(), then optimizer.step(model.parameters())",
        "param_groups": "step gets the parameters, and the rate is optimizer.learning_rate",
        "lr": "write optimizer.learning_rate",
        "update": "an optimiser of your own needs a method update(self, x, grad, rate)",
    },
    "History": dict.fromkeys(("history", "losses"), "write [epoch.loss for epoch in history]"),
    "Dataset": {
        **{"X": "write data.features", "target": "write data.targets", "head": "write data[:5]"},
        "shape": "write len(data) and len(data.feature_names)",
    },
    "nn": {  # the module itself
        **dict.fromkeys(("Linear", "Dense"), "write Layer(nin, nout)"),
        **dict.fromkeys(("ReLU", "Tanh", "Sigmoid"), 'write MLP(..., activation="tanh"), say'),
        **{"Sequential": "write MLP(2, [16, 1])", "MSELoss": "write mean_squared_error"},
        **{"CrossEntropyLoss": "write cross_entropy", "Parameter": "write autograd.Value"},
        "BCEWithLogitsLoss": "write binary_cross_entropy",
        **{"StandardScaler": "write Standardizer", "train_test_split": "write data.split(0.2)"},
    },
}
OPTIONS = {
    "optimizer": {
        **{"lr": "learning_rate=", "eps": "epsilon=", "alpha": "decay=", "rho": "decay="},
        **dict.fromkeys(("clip", "max_norm", "clip_grad_norm", "gradient_clip"), "clip_norm="),
        **{"betas": "beta1= and beta2=", "clipnorm": "clip_norm=", "clipvalue": "clip_value="},
        "params": "none, and step(model.parameters())",
        "weight_decay": "train(..., penalty=L2(0.01))",
    },
    "train": {
        **dict.fromkeys(("lr", "learning_rate", "opt"), "optimizer=SGD(0.1)"),
        **dict.fromkeys(("n_epochs", "num_epochs", "max_epochs", "epoch", "max_iter"), "epochs="),
        **dict.fromkeys(("validation_split", "validation_data"), "validation="),
        **dict.fromkeys(("val_data", "test_size"), "validation="),
        **{"criterion": "loss=", "loss_fn": "loss=", "weight_decay": "penalty=L2(0.01)"},
        **{"early_stopping": "until=EarlyStopping(10)", "batchsize": "batch_size="},
        **{"verbose": "progress=", "random_state": "seed=", "device": 'engine="jax"'},
        **dict.fromkeys(("schedule", "scheduler"), "optimizer=SGD(Cosine(0.1, steps=1000))"),
    },
}


def refuse_optimizer(name: str, first: object, unknown: set[str]) -> None:
    """Raise a TypeError for what other optimisers are made with, if it is known."""
    if isinstance(first, Iterable) and not isinstance(first, str):
        write = f"write {name}(0.1), and give the parameters to optimizer.step(model.parameters())"
        raise TypeError(f"{name} needs its learning rate first: {write}")
    for option in unknown & OPTIONS["optimizer"].keys():
        raise TypeError(f"{name} has no option {option}: write {OPTIONS['optimizer'][option]}")
