"""Fixtures that all tests share: the real paper, the real model exported once, a real index of it."""

import os
import socket
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.pop("IBID_INDEX", None)

from index.build import build_index
from index.bundle import Index, open_index
from index.export import export_model
from index.model import Document
from index.settings import DEFAULT_MODEL, Settings
from index.sources import find_sources, parse_source
from qa.audits import load_audits

# How long an example takes says more about what else the machine does than about it.
hypothesis.settings.register_profile("ibid", deadline=None)
hypothesis.settings.load_profile("ibid")

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
# The exported model is kept between runs, where `make` keeps it; it is checked by its weights' SHA-256.
MODELS = Path(os.environ.get("IBID_HOME", ROOT / ".home")) / "models"

_connect = socket.socket.connect


def _guarded_connect(self, address):
    """Let tests reach this machine and nothing else."""
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"tests use no network: {address}")
    return _connect(self, address)


socket.socket.connect = _guarded_connect


@pytest.fixture(scope="session")
def paper() -> Document:
    return parse_source(find_sources([SEEDS])[0])


@pytest.fixture(scope="session")
def model_folder() -> Path:
    MODELS.mkdir(parents=True, exist_ok=True)
    with FileLock(MODELS / "tests.lock"):  # one worker exports, the other waits
        return export_model(DEFAULT_MODEL, MODELS)


@pytest.fixture(scope="session")
def home(tmp_path_factory, model_folder) -> Path:
    """A home in which the seed paper is indexed; tests only read it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    settings = Settings(home=folder)
    build_index([SEEDS], settings)
    load_audits(open_index(settings), settings)  # as `ibid build` does
    return folder


@pytest.fixture(scope="session")
def settings(home) -> Settings:
    return Settings(home=home)


@pytest.fixture(scope="session")
def index(settings) -> Index:
    return open_index(settings)
