"""A small web for the tests of what fetches."""

import pytest
from loopback import Web


@pytest.fixture
def web(tmp_path):
    folder = tmp_path / "web"
    folder.mkdir()
    with Web(folder) as web:
        yield web
    assert web.strays == []  # nothing but the web's own addresses was ever dialled
