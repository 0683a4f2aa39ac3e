"""The doctor in the zoo: a few cases of each problem, half of them of those that no threshold
has seen.

``python -m tests.zoo`` examines all of them.
"""

import pytest

from nn.doctor import PROBLEMS
from tests.zoo.cases import COUNTS, EACH, GENERATORS, attempts, case, diagnosed, generated, numbers
from tests.zoo.labelled_runs import HEALTHY

pytestmark = pytest.mark.full
pytest.importorskip("sklearn")

FAULTY = [name for name in GENERATORS if name != HEALTHY]
# Of each problem one that no threshold was chosen on, whose remedy is tried, and of some one of the
# other half; by turns, so that no number is anybody's favourite.
SAMPLE = [(name, (2 * i + 1) % EACH, True) for i, name in enumerate(FAULTY)]
SAMPLE += [(name, (2 * i + 6) % EACH, False) for i, name in enumerate(FAULTY) if i % 4 == 2]
SAMPLE += [(HEALTHY, number, False) for number in range(5, 65, 12)]


def test_the_zoo_is_as_large_as_it_is_said_to_be() -> None:
    assert set(GENERATORS) == {problem.name for problem in PROBLEMS} | {HEALTHY}
    assert all(len(attempts()[name]) == len(numbers(name)) for name in GENERATORS)
    assert min(len(numbers(name)) for name in FAULTY) >= 14
    assert COUNTS[HEALTHY] >= 40
    assert sum(len(numbers(name)) for name in GENERATORS) >= 220


def test_the_doctor_keeps_the_rates_that_the_whole_zoo_shows() -> None:
    """In one test, since each process that asks for the sample would make it anew."""
    verdicts = [diagnosed(case(name, number), remedy) for name, number, remedy in SAMPLE]
    faulty = [v for v in verdicts if v.case.problem != HEALTHY]
    well = [v for v in verdicts if v.case.problem == HEALTHY]
    missed = [f"{v.case}: {v.said}" for v in faulty if not v.right]
    assert len(missed) <= 0.1 * len(faulty), missed
    alarmed = [f"{v.case}: {v.said}" for v in well if not v.right]
    assert len(alarmed) <= 0.05 * len(well), alarmed
    tried = [v for v, (_, _, remedy) in zip(verdicts, SAMPLE, strict=True) if remedy and v.right]
    useless = [f"{v.case}: {v.before:.4g} -> {v.after:.4g}" for v in tried if not v.better]
    assert len(tried) >= 11
    assert len(useless) <= 0.2 * len(tried), useless
    for diagnosis in (diagnosis for v in verdicts for diagnosis in v.report):
        assert any(character.isdigit() for character in " ".join(diagnosis.evidence))
        assert diagnosis.remedy.words


@pytest.mark.parametrize("name", ["saturated units", "vanishing gradients", "class imbalance"])
def test_a_case_shows_its_problem_by_a_criterion_that_is_not_the_doctors(name: str) -> None:
    assert generated(name, 1, attempts()[name][1]).shows()


def test_an_earlier_attempt_of_a_case_was_left_out_because_it_did_not_show() -> None:
    name = "class imbalance"
    number = next(number for number in numbers(name) if attempts()[name][number] > 0)
    assert not generated(name, number, attempts()[name][number] - 1).shows()
