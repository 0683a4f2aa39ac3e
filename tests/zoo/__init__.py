"""A zoo of runs whose problem is known: what ``nn.doctor`` says of each, and what its remedy does.

    python -m tests.zoo [--only "dead ReLUs" ...]

prints the confusion matrix and the success of the remedies, for the even cases (on which the
thresholds were chosen) and for the odd ones (which nobody looked at). What a case has follows
from how it was made, and a generator keeps only those in which the problem shows, by a criterion of
its own, not the doctor's."""
