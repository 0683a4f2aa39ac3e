"""The chapters: how a network learns, each a file with a ``main()`` that runs alone: ``python -m
demos moons``."""

import sys

if sys.version_info < (3, 11):  # in a bare clone, where no installer has looked
    here, cure = sys.version.split()[0], "try python3.13 -m demos, say"
    sys.exit(f"glassgrad needs Python 3.11 or newer, and this is {here}: {cure}")

# Every chapter, in the order in which one would teach them, with what it shows in one line.
CHAPTERS: dict[str, str] = {
    "expression": "An expression and its gradients",
    "forward": "Forward propagation by hand: each product, each sum, and the network says the same",
    "stepping": "The reverse pass of one neuron, step by step",
    "topological_order": "Topological order of the reverse pass: the wrong number without it",
    "drawing": "The same as a picture, and as a page to play",
    "check": "Gradients checked, and a planted bug found",
    "initial_weights": "Initial weights: neurons stay copies from zeros, and part from random ones",
    "learning_rate": "Five learning rates, from too slow to diverging, and the bound between them",
    "losses": "Losses: what an outlier does to each, and why classes want cross-entropy",
    "optimizers": "Six optimisers raced from the same start, each at the rate that suits it",
    "capacity": "Under- and overfitting: the number of neurons against the error on new rows",
    "penalties": "L1 against L2: which weights become zero",
    "early_stopping": "Early stopping: the best network is not the last one",
    "iris": "A network learns a real data set: Iris",
    "moons": "Micrograd's demo: 2-16-16-1, max-margin loss, two moons and their boundary",
    "digits": "Handwritten digits: the largest network that a scalar engine has any right to train",
    "training_player": "A training run as a page: units, gradients, boundary, loss, epoch by epoch",
}

# The few that the tour, python -m demos, goes through.
TOUR: list[str] = ["expression", "stepping", "drawing", "check", "iris"]
