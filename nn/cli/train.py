"""``python -m nn train data.csv``: from your own rows to a model, and how good it is."""

import gc
from collections.abc import Sequence
from contextlib import closing, nullcontext

from nn.cli.options import Refused, train_parser
from nn.cli.processes import joined
from nn.cli.run import Run
from nn.cli.run_dir import RunDir
from nn.io.json_file import StoreError


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status; what cannot be used raises an error."""
    options = train_parser().parse_args(words)
    with joined(options.out, words) if options.engine == "jax" else nullcontext(words) as own:
        return _main(own)


def _main(words: Sequence[str]) -> int:
    parser = train_parser()
    options = parser.parse_args(words)
    with closing(RunDir.chosen(options.out, options.overwrite, options.resume)) as folder:
        try:
            if options.resume:  # what is given now counts more than what was then
                options = parser.parse_args([*folder.options(), *words])
            gc.disable()  # or it walks again and again over millions of numbers that stay
            run = Run(options, folder)
        except StoreError as error:
            problem = str(error).rpartition("; ")[0]
            do = "resume it with its own options, and no fewer --epochs"
            anew = "start again with --overwrite or another --out"
            raise Refused(f"{problem}; {do}, or {anew}") from None
        finally:
            gc.enable()
        run.train()
        try:
            for step in (run.diagnose, run.evaluate, run.cross_validate):
                try:
                    step()
                except KeyboardInterrupt:
                    run.interrupted = True
        finally:
            run.write()  # whatever became of the rest, there is a model
    return 130 if run.interrupted else int(run.failed)
