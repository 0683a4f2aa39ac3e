"""python -m tests.zoo prints what the doctor says of every case; see the package."""

import argparse
import json
import time

import tests.zoo
from tests.zoo.cases import (
    ATTEMPTS,
    GENERATORS,
    attempts,
    case,
    diagnosed,
    first_attempt,
    numbers,
    printed,
)


def main() -> None:
    """Print both halves."""
    parser = argparse.ArgumentParser(
        description=tests.zoo.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[], help="problems; all if left out")
    parser.add_argument("--half", choices=["even", "odd"], help="both if left out")
    parser.add_argument(
        "--generate",
        action="store_true",
        help="search anew for attempts in which each problem shows",
    )
    parser.add_argument(
        "--wrong", action="store_true", help="show the report of each that is wrong, or not helped"
    )
    given = parser.parse_args()
    names = [name for name in GENERATORS if not given.only or name in given.only]
    began = time.process_time()
    if given.generate:
        for name in names:
            old = attempts().get(name, [0] * len(numbers(name)))
            new = {
                n: first_attempt(name, n)
                for n in numbers(name)
                if given.half in (None, ("even", "odd")[n % 2])
            }
            found = attempts() | {name: [new.get(n, old[n]) for n in numbers(name)]}
            ATTEMPTS.write_text(json.dumps(found, indent=1) + "\n")
            print(
                f"{name}: {sum(found[name])} attempts did not show it, "
                f"{time.process_time() - began:.0f} s",
                flush=True,
            )
        return
    for half in ("even", "odd"):
        if given.half not in (None, half):
            continue
        chosen = [(name, n) for name in names for n in numbers(name) if n % 2 == (half == "odd")]
        verdicts = [diagnosed(case(*each)) for each in chosen]
        print(
            f"the {half} half: {len(verdicts)} runs; rows: the true problem, columns: what the "
            "doctor said first"
        )
        printed(verdicts)
        for v in verdicts if given.wrong else ():
            if not v.right or (v.tried and not v.better):
                print(f"--- {v.case}: {v.before:.4g} -> {v.after:.4g}\n{v.report}")
    print(f"{time.process_time() - began:.0f} s of CPU time")


if __name__ == "__main__":
    main()
