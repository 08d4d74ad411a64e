"""A real server on a free port, and a real browser."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from index.settings import Settings
from qa.conversations import FILE_NAME, Conversations
from web.app import create_app

CHROMIUM = Path("/usr/bin/chromium")


@contextlib.contextmanager
def serve_app(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def serving() -> Callable[[FastAPI], contextlib.AbstractContextManager[str]]:
    """Give what serves an application of the test's own."""
    return serve_app


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    """Settings under which every question counts as answered, so that no test here hangs on the calibration."""
    return Settings(home=home, threshold=0.0)


@pytest.fixture(scope="session")
def url(settings: Settings) -> Iterator[str]:
    with serve_app(create_app(settings)) as served:
        yield served


@pytest.fixture(scope="session")
def doubting_url(settings: Settings) -> Iterator[str]:
    """A server to which no question counts as answered."""
    with serve_app(create_app(replace(settings, threshold=1.0))) as served:
        yield served


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as connected:
        yield connected


@pytest.fixture
def own(tmp_path: Path, settings: Settings) -> Callable[..., contextlib.AbstractContextManager[str]]:
    """Give a function that serves a home of the test's own, whose index is that of all tests."""
    for name in ("papers", "models"):
        (tmp_path / name).symlink_to(settings.home / name, target_is_directory=True)
    (tmp_path / "index").symlink_to((settings.home / "index").resolve(), target_is_directory=True)

    def serve(
        *, store: type[Conversations] = Conversations, **options: object
    ) -> contextlib.AbstractContextManager[str]:
        app = create_app(replace(settings, home=tmp_path), **options)
        app.state.conversations = store(tmp_path / FILE_NAME)
        return serve_app(app)

    return serve


@pytest.fixture(scope="module")
def chromium_with() -> Iterator[Callable[..., Browser]]:
    """Give a function that starts a browser with further arguments, for the tests of one file.

    As long as it is there, its event loop runs in this thread.
    """
    if not CHROMIUM.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"there is no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright, contextlib.ExitStack() as browsers:

        def start(*arguments: str) -> Browser:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", *arguments],
            )
            browsers.callback(browser.close)
            return browser

        yield start


@pytest.fixture(scope="module")
def chromium(chromium_with: Callable[..., Browser]) -> Browser:
    """Give a browser, for the tests of one file."""
    return chromium_with()


@pytest.fixture
def visit(chromium: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page in a browser window of its own; keywords are those of the window."""
    with contextlib.ExitStack() as windows:

        def open_page(path: str, **window: object) -> Page:
            context = windows.enter_context(chromium.new_context(base_url=url, **window))
            page = context.new_page()
            page.goto(path)
            return page

        yield open_page
