"""What the model of a run is worth, in report.txt and on the page."""

import random
import re
from html.parser import HTMLParser
from pathlib import Path
from statistics import fmean

import pytest

from nn import MLP, Predictor, Standardizer, load_predictor
from nn.cli.choices import best_threshold
from nn.cli.evaluation import Rule, evaluated
from tests.browser import chromium, opened
from tests.nn.cli.commands import IRIS, printed, table, written


def rule_of(*names: str, threshold: float = 0.5, balanced: bool = False) -> Rule:
    model, scaling = MLP(1, [max(len(names), 1)]), Standardizer([0.0], [1.0])
    predictor = Predictor(model, scaling, ["x"], list(names), target="y", threshold=threshold)
    return Rule(predictor, balanced)


def test_a_network_is_set_beside_baselines_on_the_same_rows() -> None:
    outputs, targets = [[0.0, 2.0]] * 8 + [[2.0, 0.0]] * 2, [1] * 7 + [0] * 3
    others = {"always yes": [[0.0, 1.0]] * 10, "linear model": [[2.0, 0.0]] * 10}
    found = evaluated(outputs, targets, rule_of("no", "yes"), others)
    assert [row[:3] for row in found.compared] == [
        ["", "accuracy", "balanced acc."],
        ["this network", "90.0 %", "83.3 %"],
        ["always yes", "70.0 %", "50.0 %"],
        ["linear model", "30.0 %", "50.0 %"],
    ]
    better = "Better than the best baseline here, always yes, by its accuracy"
    assert found.verdict == f"{better}; on so few rows that may be chance (sign test: p = 0.5)."
    assert "accuracy on new rows of this kind: 59.6 % to 98.2 % (95 % interval)" in found.text
    assert f"\n{found.verdict}\n" in found.text
    without = evaluated(outputs, targets, rule_of("no", "yes")).text  # of predict, for any rows
    assert "(95 % interval; if the model was trained on none of these)" in without
    others = {"always yes": [[0.0, 1.0]] * 300}
    more = evaluated(outputs * 30, targets * 30, rule_of("no", "yes"), others)
    assert more.verdict == f"{better} (sign test: p = 2e-18)."
    others = {"always yes": [[0.0, 1.0]] * 15_000}
    most = evaluated(outputs * 1500, targets * 1500, rule_of("no", "yes"), others)
    assert most.verdict == f"{better} (sign test: p < 1e-300)."


def test_the_one_guess_is_that_of_the_training_rows_where_they_are_known() -> None:
    outputs, targets, rule = [[0.0, 2.0]] * 3, [1, 1, 0], rule_of("no", "yes")
    assert evaluated(outputs, targets, rule).guess == "always predicting yes"
    found = evaluated(outputs, targets, rule, {"always no": [[1.0, 0.0]] * 3})
    assert (found.guess, found.guess_score) == ("always predicting no", 1 / 3)


def test_a_network_that_is_no_better_than_a_baseline_is_said_to_be_none() -> None:
    found = evaluated([1.0, 3.0], [1.0, 2.0], rule_of(), {"linear model": [1.0, 2.0]})
    assert found.verdict == "No better than the best baseline here, the linear model, by its R²."
    assert found.compared[0] == ["", "R²", "RMSE", "mean abs. error"]
    assert found.compared[2] == ["linear model", "1.000", "0", "0"]


def test_with_a_threshold_the_second_class_is_predicted_above_it() -> None:
    rule, outputs = rule_of("no", "yes", threshold=0.8), [[0.0, 1.0], [0.0, 1.5]]
    assert [rule.predictor.answer(output) for output in outputs] == ["no", "yes"]
    found = evaluated(outputs, [0, 1], rule, {"always yes": [[-1.0, 0.0]] * 2})
    assert found.score == 1.0 and found.matrix == [[1, 0], [0, 1]]
    assert found.compared[2][1] == "50.0 %", "what is always the same has no threshold"
    assert "yes is predicted above a probability of 0.8 (--threshold)" in found.text


@pytest.mark.parametrize(
    ("outputs", "targets", "wanted"),
    [
        ([-3.0, -2.0, -1.0, 0.5], [0, 0, 1, 1], 0.182),
        ([[0.0, -1.0], [0.0, 1.0]], [0, 1], 0.5),
        ([1.0, 1.0], [0, 1], 0.5),
        ([1.0, 2.0], [1, 1], 0.5),
    ],
)
def test_the_threshold_found_has_the_largest_balanced_accuracy(
    outputs: list[float], targets: list[int], wanted: float
) -> None:
    assert best_threshold(outputs, targets) == pytest.approx(wanted, abs=1e-3)


def imbalanced(path: Path, count: int = 200) -> None:
    rng = random.Random(1)
    rows = []
    for i in range(count):
        rare = i % 10 == 0
        rows.append([rng.gauss(1.5 * rare, 1), rng.gauss(rare, 1), ["no", "yes"][rare]])
    written(path, ["a", "b", "ill"], rows)


@pytest.mark.full
def test_a_threshold_is_found_kept_in_the_model_and_used_by_predict(here: Path) -> None:
    imbalanced(here / "ill.csv")
    words = ["--epochs", "20", "--hidden", "4", "--threshold"]
    out, _ = printed(["train", "ill.csv", *words, "find"])
    threshold = load_predictor(here / "run" / "model.json").threshold
    assert f"--threshold find: {threshold:.3g}, where the 40 validation rows have" in out
    assert 0 < threshold < 0.4 and "by its balanced accuracy" in out
    found = [row["predicted ill"] for row in table(printed(["predict", "run", "ill.csv"])[0])]
    shares = table(printed(["predict", "run", "ill.csv"])[0])
    assert found == [
        "yes" if float(row["probability of yes"]) > threshold else "no" for row in shares
    ]
    printed(["train", "ill.csv", *words, "0.9", "--out", "strict"])
    assert load_predictor(here / "strict" / "model.json").threshold == 0.9
    printed(["train", "ill.csv", *words[:-1], "--out", "plain"])
    assert '"threshold"' not in (here / "plain" / "model.json").read_text()


class Outline(HTMLParser):
    """The elements of a page, and whether each that was opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.words, self.links = list[str](), "", list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [x or "" for name, x in attrs if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_holds_all_that_the_report_says_and_nothing_from_elsewhere(here: Path) -> None:
    rows = [[i % 7, i * 3 % 5, "<b>" if i % 2 else "a&b"] for i in range(60)]
    written(here / "<i>.csv", ["x <y>", "z", "kind"], rows)
    out, _ = printed(["train", "<i>.csv", "--epochs", "3", "--hidden", "4", "--folds", "2"])
    page = Outline((here / "run" / "report.html").read_text(encoding="utf-8"))
    assert page.open == [] and page.links == ["data:,"]
    assert "Predicting kind from <i>.csv" in page.words and "x <y>" in page.words
    said = out.partition("\nwritten to")[0]
    assert said in page.words and "2-fold cross-validation" in page.words
    assert "lost if a column is shuffled" in out and "● training" in page.words
    metrics = ["accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "log_loss"]
    folds = table((here / "run" / "folds.csv").read_text())
    assert [*folds[0]] == ["fold", "rows", *metrics] and len(folds) == 2
    (line,) = re.findall(r"2-fold cross-validation: (.*) \(mean", out)
    names = ["accuracy", "balanced acc.", "macro F1", "ROC AUC", "log loss"]
    assert [part.rpartition(" ± ")[0].rpartition(" ")[0] for part in line.split(", ")] == names
    wanted = fmean(float(fold["log_loss"]) for fold in folds)
    assert f"log loss {wanted:.3f} ± " in line


@pytest.mark.full
@pytest.mark.usefixtures("with_plots")
def test_the_page_of_a_run_reads_well_in_a_browser(here: Path) -> None:
    printed(["train", str(IRIS), "--epochs", "20"])
    with chromium() as driver:
        opened(driver, here / "run" / "report.html")
        assert driver.title == "Predicting species from iris.csv"
        pictures = driver.find_elements("css selector", "figure svg")
        assert len(pictures) == 3 and all(each.size["width"] > 300 for each in pictures)
        ids = driver.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
        for width in (1280, 730, 390):
            driver.set_window_size(width, 800)
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= driver.execute_script("return innerWidth")
            rows = driver.find_elements("css selector", "tbody tr")
            assert max(row.size["height"] for row in rows) < 80, "no names letter by letter"
        found = driver.find_elements("css selector", ".matrix td")
        assert sum(int(cell.text) for cell in found) == 30


def test_without_numpy_there_is_one_baseline_and_no_column_is_shuffled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for room in ("nn.analysis.baselines", "nn.cli.results"):
        monkeypatch.setattr(f"{room}.find_spec", lambda name: None)
    out, _ = printed(["train", str(IRIS), "--epochs", "2", "--hidden", "2"])
    assert "always setosa" in out and "linear model" not in out
    assert "\nNo column was shuffled: that needs NumPy.\n" in out


def test_columns_that_do_not_matter_lose_no_score() -> None:
    out, _ = printed(["train", str(IRIS), "--epochs", "20", "--hidden", "8"])
    shuffled = out.partition("balanced accuracy lost if a column is shuffled:\n")[2]
    drops = re.findall(r"(\w+) +(-?[\d.]+) +± [\d.]+", shuffled)
    assert {name for name, _ in drops[:2]} == {"petal_length", "petal_width"}
    assert float(drops[0][1]) > 0.1
