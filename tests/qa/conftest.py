"""The command itself as a subprocess, and homes that a test may change."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

IBID = Path(sys.executable).parent / "ibid"
ROOT = Path(__file__).resolve().parents[2]
TOYOTA = "How much has Toyota committed to invest in the battery plant in North Carolina?"


def environ_for(home, **more):
    """Return this environment with no setting of Ibid's but its home and those given."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("IBID_")}
    return bare | {"IBID_HOME": str(home)} | more


@pytest.fixture(scope="session")
def ibid():
    """Give a function that runs `ibid` with its arguments in a home; keywords are environment variables."""

    def run(*arguments, home, **environ):
        return subprocess.run(
            [IBID, *arguments],
            env=environ_for(home, **environ),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def copied_home(home, tmp_path):
    """A home of the test's own with the index of the seed paper."""
    return Path(shutil.copytree(home, tmp_path / "copied", symlinks=True))


@pytest.fixture
def empty_home(model_folder, tmp_path):
    """A home with the exported model and no index."""
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return folder


@pytest.fixture(scope="session")
def toyota():
    return TOYOTA


@pytest.fixture(scope="session")
def start():
    """Give a function that starts `ibid` in a home and returns the process, its output piped."""

    def begin(*arguments, home):
        return subprocess.Popen(
            [IBID, *arguments], env=environ_for(home), cwd=ROOT, stdout=-1, stderr=-1, text=True, encoding="utf-8"
        )

    return begin
