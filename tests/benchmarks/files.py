"""The CSV files that packages on PyPI ship, each with its natural target and no other option,
through `python -m nn train`; beside scikit-learn's MLP on the same rows.

    pip install -e ".[all]" palmerpenguins ISLP scikit-learn statsmodels plotly vega_datasets \
        bokeh_sampledata && python -m tests.benchmarks.files [--in FOLDER] [ISLP plotly ...]

Only files whose packages are installed, or unpacked in FOLDER, are read; nothing is downloaded. The
score is accuracy, or R², on the rows that `train` holds out; scikit-learn learns on all others, as
they come out of `nn.data`, with a hidden layer of 32, too, and its defaults otherwise. Seconds are
of CPU, of the whole command. The table is Markdown; exit status 1 if fewer than nine of ten files
reach a model."""

import argparse
import contextlib
import io
import re
import sys
import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from nn.__main__ import main as nn_main
from nn.cli.data import Rows
from nn.cli.options import train_parser
from nn.cli.parts import Parts
from nn.data.dataset import Dataset

# Each package's folder of files, and in it the files with their targets.
FILES = {
    "palmerpenguins/data": "penguins.csv species, penguins-raw.csv Species",
    "ISLP/data": "Auto.csv mpg, Bikeshare.csv bikers, Boston.csv medv, BrainCancer.csv status, "
    "Caravan.csv Purchase, Carseats.csv Sales, College.csv Private, Credit.csv Balance, "
    "Default.csv default, Hitters.csv Salary, NYSE.csv log_volume, OJ.csv Purchase, "
    "Publication.csv status, Smarket.csv Direction, Wage.csv wage, Weekly.csv Direction",
    "sklearn/datasets/data": "breast_cancer.csv -1, digits.csv.gz -1, iris.csv -1, "
    "wine_data.csv -1, diabetes_data_raw.csv.gz -1, linnerud_exercise.csv Jumps",
    "plotly/package_data/datasets": "carshare.csv.gz car_hours, election.csv.gz winner, "
    "experiment.csv.gz group, gapminder.csv.gz lifeExp, iris.csv.gz species, tips.csv.gz tip, "
    "wind.csv.gz frequency, stocks.csv.gz GOOG",
    "vega_datasets/_data": "iowa-electricity.csv net_generation, la-riots.csv type, "
    "seattle-weather.csv weather, seattle-temps.csv temp, stocks.csv price, "
    "us-employment.csv nonfarm",
    "bokeh_sampledata/_data": "antibiotics.csv gram, auto-mpg2.csv hwy, cows.csv butterfat, "
    "elements.csv metal, forensic_glass.csv type, lincoln_weather.csv TMAX, "
    "SampleSuperstore.csv.gz Profit, sprint.csv Time, titanic_all.csv survived, "
    "unemployment09.csv.gz -1",
    "statsmodels/datasets": "anes96/anes96.csv vote, cancer/cancer.csv cancer, "
    "ccard/ccard.csv AVGEXP, co2/co2.csv co2, copper/copper.csv WORLDCONSUMPTION, "
    "danish_data/data.csv lrm, engel/engel.csv foodexp, fair/fair.csv affairs, "
    "grunfeld/grunfeld.csv invest, heart/heart.csv survival, longley/longley.csv TOTEMP, "
    "macrodata/macrodata.csv realgdp, macrodata/src/unemp.csv Value, "
    "modechoice/modechoice.csv choice, randhie/randhie.csv mdvis, scotland/scotvote.csv YES, "
    "spector/spector.csv GRADE, stackloss/stackloss.csv STACKLOSS, star98/star98.csv MATHTOT, "
    "statecrime/statecrime.csv murder, strikes/strikes.csv duration, "
    "sunspots/sunspots.csv SUNACTIVITY",
}


NAMES = ("features", "targets")


def places(folder: str | None, packages: list[str]) -> Iterator[tuple[str, Path, str]]:
    """Each file that is there: its package and name, its path, its target."""
    for under, files in FILES.items():
        package, _, inside = under.partition("/")
        if packages and package not in packages:
            continue
        spec = None if folder else find_spec(package)
        root = Path(folder, package) if folder else spec and Path(spec.origin or "").parent
        for each in files.split(", "):
            name, target = each.rsplit(" ", 1)
            if root and (path := root / inside / name).exists():
                yield f"{package} {name.rpartition('/')[2]}", path, target


def trained(path: Path, target: str) -> tuple[str, float]:
    """What the command prints with --quiet, or refuses with, and the CPU seconds that it takes."""
    began, out, err = time.process_time(), io.StringIO(), io.StringIO()
    with TemporaryDirectory() as folder:
        words = ["train", str(path), "--target", target, "--out", f"{folder}/run", "--quiet"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = nn_main(words)
    said = out.getvalue() if status != 2 else err.getvalue().replace(f"{path.parent}/", "")
    return said.strip().splitlines()[0], time.process_time() - began


def theirs(parts: Parts) -> float:
    """The held-out score of scikit-learn on the same rows, scaled by the same numbers."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    scaled = [parts.scaled(each) for each in (parts.training, parts.validation, parts.test) if each]
    kind = MLPClassifier if parts.training.classification else MLPRegressor
    features, targets = ([*chain(*(getattr(x, name) for x in scaled[:-1]))] for name in NAMES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 200 epochs were not enough
        model = kind(hidden_layer_sizes=(32,), random_state=0).fit(features, targets)
    return float(model.score(scaled[-1].features, scaled[-1].targets))


def done(data: Dataset) -> str:
    """What became of the columns and rows, in a few words."""
    if data.columns is None:
        return ""
    kinds: dict[str, int] = {}
    for column in data.columns.found:
        kinds[column.kind] = kinds.get(column.kind, 0) + 1
        if column.gaps and column.kind != "left out":
            kinds["filled"] = kinds.get("filled", 0) + 1
    words = {"number": "numbers", "category": "text", "date": "dates", "yes/no": "yes or no"}
    said = [f"{count} {words.get(kind, kind)}" for kind, count in kinds.items()]
    return "; ".join([", ".join(said), *(note.split(" (")[0][:48] for note in data.notes)])


def main() -> int:
    """Print the table, a row as it is ready."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packages", nargs="*", help="all that are installed, if left out")
    parser.add_argument("--in", dest="folder", help="where wheels are unpacked")
    asked = parser.parse_args()
    print("| file | rows x columns | what was done | score | scikit-learn | CPU |")
    print("|---|---|---|---|---|---|")
    reached, count, better = 0, 0, list[float]()
    for name, path, target in places(asked.folder, asked.packages):
        said, seconds = trained(path, target)
        count += 1
        found = re.match(r"(?:accuracy|R²) ([-+.\de]+)( %)?", said)
        if not found:
            print(f"| {name} | | {said} | none | | {seconds:.1f} s |", flush=True)
            continue
        options = train_parser().parse_args([str(path), "--target", target])
        rows = Rows.read(options)
        parts = Parts.all(rows, options)[0]
        score = float(found[1]) / (100 if found[2] else 1)
        other = theirs(parts)
        reached, better = reached + 1, [*better, score - other]
        pair = [f"{100 * x:.1f} %" if found[2] else f"R² {x:.3f}" for x in (score, other)]
        shape = f"{len(rows.data)} x {len(rows.table.columns) - 1}"
        what = done(rows.data)
        print(f"| {name} | {shape} | {what} | {' | '.join(pair)} | {seconds:.1f} s |", flush=True)
    level = sum(x >= -0.02 for x in better)
    middle = median(better) if better else 0.0
    print(f"\n{reached} of {count} files reach a model; {level} are at scikit-learn's level")
    print(f"(to 2 points, or 0.02 of R²) or above; the median difference is {middle:+.3f}")
    return int(reached < 0.9 * count)


if __name__ == "__main__":
    sys.exit(main())
