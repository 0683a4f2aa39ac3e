"""A real browser without a window, for the tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

FLAGS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
    ),
    *("--disable-background-networking", "--disable-component-update", "--window-size=1300,900"),
)


@contextmanager
def chromium() -> Iterator[Any]:
    """A driver of Chromium. Skips the test where it is not installed, except in CI, which installs
    it.
    """
    program = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    driver = shutil.which("chromedriver")
    if not program or not driver:
        missing = "no browser is here to open the page in: apt-get install chromium chromium-driver"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
        browser.get("about:blank")  # the browser's own first page has things to load
        try:
            yield browser
        finally:
            browser.quit()


def requests(browser: Any) -> list[str]:
    """The addresses that the page has asked for since the last question."""
    import json

    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [
        e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith("chrome://")]


def opened(browser: Any, path: Path) -> None:
    """Open a page, and forget what the last one said."""
    browser.get_log("browser")
    requests(browser)
    browser.get(path.as_uri())
