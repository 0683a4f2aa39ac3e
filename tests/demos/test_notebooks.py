"""The notebooks: kept without outputs, run to their end, exported, and opened in JupyterLab in a
real browser.
"""

import ast
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.browser import chromium

DEMOS = Path(__file__).parents[2] / "demos"
NOTEBOOKS = sorted(DEMOS.glob("*.ipynb"))
# What a reader is told in each, by the texts of its outputs.
TOLD = {
    "backprop": ["dy/dw = 0.4576", "sum over 3 paths from a to z", "yours lacks the factor 3"],
    "how_a_network_learns": ["losses of 60 epochs", "'L2(0.3)': 0, 'L1(0.3)': 7", "stopped after"],
    "your_own_data": ["150 rows x 4 features", "healthy", "learning rate too small", "'setosa'"],
    "your_own_gradient": ["yours lacks the factor 1.4", "ratio 0.5 (factor 1/2)", "KINK"],
}
ENVIRONMENT = os.environ | {"PYTHONPATH": str(DEMOS.parent)}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_its_code_is_python(path: Path) -> None:
    """An output is 70 KB, and another one after each change of a page."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["source"][0].startswith("# ")
    for cell in cells:
        code = "".join(cell["source"])
        assert code.strip() == code
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"], cell["metadata"]) == ([], None, {})
            assert ast.parse(code).body and max(map(len, code.split("\n"))) <= 100


def test_there_are_four_notebooks_and_each_is_told_of_in_the_readme() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(TOLD)
    readme = (DEMOS / "README.md").read_text(encoding="utf-8")
    assert all(f"({path.name})" in readme for path in NOTEBOOKS)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A function that runs a notebook and gives it with its outputs, once for all tests."""
    import nbformat
    from nbclient import NotebookClient

    done: dict[str, Any] = {}

    def outputs(name: str) -> Any:
        if name not in done:
            done[name] = nbformat.read(DEMOS / f"{name}.ipynb", as_version=4)
            folder = str(tmp_path_factory.mktemp(name))
            where = {"metadata": {"path": folder}}
            client = NotebookClient(done[name], timeout=300, kernel_name="python3", resources=where)
            client.execute(env=ENVIRONMENT)
            assert os.listdir(folder) == []
        return done[name]

    return outputs


@pytest.mark.full
@pytest.mark.filterwarnings("ignore")  # those of Jupyter's own packages
@pytest.mark.parametrize("name", TOLD)
def test_a_notebook_runs_to_its_end_and_exports_as_a_page(
    name: str, run: Callable[[str], Any]
) -> None:
    from nbconvert import HTMLExporter

    notebook = run(name)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    told = "\n".join(o.get("text", "") or o["data"]["text/plain"] for o in outputs)
    assert [words for words in TOLD[name] if words not in told] == []
    page, _ = HTMLExporter().from_notebook_node(notebook)
    players = sum("<iframe" in o.get("data", {}).get("text/html", "") for o in outputs)
    assert page.count("<iframe ") == players
    assert len(outputs) > 10 and players == (3 if name == "backprop" else 0)


# In JupyterLab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A JupyterLab as it is installed, with nobody's settings: its address, and its folder."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    folder = tmp_path / "files"
    folder.mkdir()
    homes = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    settings = {f"JUPYTER_{home}": str(tmp_path / home) for home in homes}
    settings |= {
        f"JUPYTERLAB_{home}_DIR": str(tmp_path / home) for home in ("SETTINGS", "WORKSPACES")
    }
    options = [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    options += [
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=",
        "--expose-app-in-browser",
    ]
    with open(tmp_path / "log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=ENVIRONMENT | settings, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until(lambda: answers(f"http://localhost:{port}/api"), (tmp_path / "log").read_text)
            yield f"http://localhost:{port}", folder
        finally:
            server.terminate()
            server.wait(30)


def answers(url: str) -> bool:
    try:
        with urlopen(url):
            return True
    except OSError:
        return False


def until(done: Callable[[], Any], why: Callable[[], Any], seconds: float = 90.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := done():
            return found
        time.sleep(0.3)
    pytest.fail(f"waited for {seconds} s: {why()}")


# The smallest text that can be seen, in pixels, and whether the page is wider than its frame.
SMALLEST = """
const seen = [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length
  && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
const size = e => parseFloat(getComputedStyle(e).fontSize)
  * (e.ownerSVGElement ? e.getScreenCTM().a : 1);
return [Math.min(...seen.map(size)), document.body.scrollWidth - document.body.clientWidth,
        document.getElementById('formula').textContent,
        getComputedStyle(document.querySelector('main')).flexDirection];
"""


def boxes(browser: Any, selector: str) -> list[Any]:
    """The widths of the outputs with such an element, and of that element."""
    script = """return [...document.querySelectorAll('.jp-OutputArea-output')].flatMap(output =>
        [...output.querySelectorAll(arguments[0])].map(e => [output.clientWidth, e.clientWidth]))"""
    found = browser.execute_script(script, selector)
    return [pair for pair in found if pair[1]]


@pytest.mark.full
@pytest.mark.filterwarnings("ignore")
def test_in_jupyterlab_the_player_fills_its_cell_and_without_trust_there_is_its_picture(
    lab: tuple[str, Path], run: Callable[[str], Any]
) -> None:
    import nbformat

    address, folder = lab
    notebook = run("backprop")  # signed by nobody here
    notebook.cells = [cell for cell in notebook.cells if cell.get("outputs")]
    nbformat.write(notebook, folder / "given.ipynb")
    fresh = nbformat.read(DEMOS / "backprop.ipynb", as_version=4)
    nbformat.write(fresh, folder / "own.ipynb")
    with chromium() as browser:

        def wide(pixels: int) -> None:
            metrics = {"width": pixels, "height": 1500, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

        wide(1000)
        browser.get(f"{address}/lab/tree/given.ipynb?reset")
        pictures = until(lambda: boxes(browser, ".instead img"), lambda: browser.page_source[:2000])
        assert all(0.9 * across < width <= across for across, width in pictures)
        until(lambda: boxes(browser, "table"), lambda: "no tables")
        assert boxes(browser, "iframe") == []

        browser.get(f"{address}/lab/tree/own.ipynb?reset")
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        until(lambda: browser.find_elements("css selector", idle), lambda: "no kernel")
        browser.find_element("css selector", ".jp-Cell").click()
        browser.execute_script("jupyterapp.shell.collapseLeft()")
        browser.execute_script("jupyterapp.commands.execute('notebook:run-all-cells')")
        until(lambda: boxes(browser, "iframe"), lambda: browser.page_source[-2000:])
        _, width = boxes(browser, "iframe")[0]
        wide(1000 + 730 - width)
        time.sleep(1)
        assert boxes(browser, "iframe")[0][1] in (728, 729, 730)
        assert all(0 <= across - width < 30 for across, width in boxes(browser, "iframe"))
        assert not boxes(browser, ".instead img")
        frame = browser.find_element("css selector", ".jp-OutputArea-output iframe")
        browser.execute_script("arguments[0].scrollIntoView()", frame)
        browser.switch_to.frame(frame)
        found = until(lambda: browser.execute_script(SMALLEST), lambda: "no player")
        smallest, over, formula, side = found
        assert smallest >= 11.99 and over == 0
        assert (formula, side) == ("y.grad = 1, the seed", "column")  # the ledger is below
        browser.find_element("id", "forward").click()
        assert browser.execute_script(SMALLEST)[2].startswith("s.grad += sech(s)**2 * y.grad")
        browser.switch_to.default_content()
        wide(1280 + 1000 - width)
        time.sleep(0.5)
        browser.switch_to.frame(frame)
        assert browser.execute_script(SMALLEST)[1::2] == [0, "row"]
