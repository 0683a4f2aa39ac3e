"""``python -m nn export run --to onnx``: a trained model in another language."""

import os
from collections.abc import Sequence

from autograd import GraphError
from nn.cli.options import Parser, Refused
from nn.cli.run_dir import RunDir
from nn.io.exports import ENDINGS, export
from nn.io.json_file import write_text
from nn.io.predictor import load_predictor

DESCRIPTION = """\
Export a model of python -m nn train to another language: scaling, network and probabilities, as a
function of a row's features, in the order that the head of the file states."""

EXAMPLES = """\
examples:
  python -m nn export run/ --to onnx --out model.onnx
      for onnxruntime: an input x of shape (samples, features)
  python -m nn export run/ --to c > model.c

exit status: 0, or 2 for invalid arguments or data
"""


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status; what cannot be used raises an error."""
    parser = Parser("export", DESCRIPTION, EXAMPLES)
    add = parser.add_argument
    add("model", help="the folder of a run, or the model.json in it")
    add("--to", required=True, choices=[*ENDINGS], help="the language")
    add("--dtype", choices=["float64", "float32"], default="float64", help="(float64) precision")
    add("--out", metavar="FILE", help="write it there (stdout; a model.onnx beside the model)")
    add("--overwrite", action="store_true", help="replace the file if there is one")
    options = parser.parse_args(words)
    path = RunDir.model_of(options.model)
    predictor = load_predictor(path)
    try:
        source = export(predictor, options.to, options.dtype)
    except (GraphError, ModuleNotFoundError, ValueError) as refused:
        raise Refused(f"{path}: {refused}") from None
    out = options.out
    if isinstance(source, bytes) and not out:
        out = path.with_suffix(ENDINGS[options.to])
    if not out:
        print(source, end="" if str(source).endswith("\n") else "\n")
        return 0
    if os.path.exists(out) and not options.overwrite:
        raise Refused(f"--out {out} is there already: choose another, or --overwrite it")
    write_text(out, source)
    return 0
