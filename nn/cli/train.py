"""``python -m nn train data.csv``: from your own rows to a model, and how good it is."""

from collections.abc import Sequence

from nn.cli.options import checked, train_parser
from nn.cli.run import Run
from nn.cli.run_dir import Folder

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status: 0; 1 if the run diverged and its model is no better
    than a guess; or 130 after Ctrl-C. What cannot be used raises an error."""
    parser = train_parser()
    options = parser.parse_args(words)
    folder = Folder(options.out)
    if options.resume:
        folder.check(options.overwrite, options.resume)
        options = parser.parse_args(
            [*folder.options(), *words]
        )  # what is given now counts more than what was then
    checked(options)
    folder.check(options.overwrite, options.resume)
    run = Run(options, folder)
    run.learn()
    try:
        for step in (run.look, run.examine, run.cross_validate):
            try:
                step()
            except KeyboardInterrupt:
                run.interrupted = True
    finally:
        run.write()  # whatever became of the rest, there is a model
    return 130 if run.interrupted else int(run.failed)
