"""Does each chapter teach its lesson from any start? ``python -m tests.benchmarks.chapters [CHAPTER
...]``.

Every chapter of tests.demos.test_chapters from ten seeds, by replay and row by row: in how many
runs its lesson held, and the seconds of a run, pictures left out."""

import contextlib
import importlib
import io
import sys
import time
from statistics import median

from demos import CHAPTERS
from tests.demos.test_chapters import LESSONS, one_sentence

SEEDS = range(10)
WITHOUT_CHANCE = ("forward", "stepping")


def held(name: str, seed: int, engine: str) -> tuple[bool, float, str]:
    """Whether the numbers of a run have the lesson in them and its sentence says so, its seconds,
    and the sentence.
    """
    chapter, out = importlib.import_module(f"demos.{name}"), io.StringIO()
    chapter.show = chapter.show_both = lambda *_, **__: None
    began = time.perf_counter()
    with contextlib.redirect_stdout(out):
        result = chapter.main(".", seed, engine)
    seconds, said = time.perf_counter() - began, one_sentence(out.getvalue())
    try:
        return LESSONS[name](result) in said, seconds, said
    except AssertionError:
        return False, seconds, said


def main(names: list[str]) -> None:
    for name in names:
        for engine in ("auto", "eager"):
            runs = [held(name, seed, engine) for seed in SEEDS]
            seconds = [run[1] for run in runs]
            count = sum(run[0] for run in runs)
            print(
                f"{name:<16} {engine:<6} held in {count} of {len(runs)}, {median(seconds):.1f} s "
                "a run",
                flush=True,
            )
            for seed, (good, _, said) in enumerate(runs):
                print(f"  {seed}{' ' if good else '!'} {said}", flush=True)


if __name__ == "__main__":
    main(
        sys.argv[1:]
        or [name for name in CHAPTERS if name in LESSONS and name not in WITHOUT_CHANCE]
    )
