"""Files of the look: small on the way, kept by the browser, and never old."""

import re

import pytest

from web.assets import name_asset

pytestmark = [pytest.mark.model, pytest.mark.server]

NAMES = ["ibid.css", "ibid.js", "htmx.min.js", "hx-sse.min.js"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_names_a_file_by_its_content(client, name):
    assert f'"{name_asset(name)}"' in client.get("/").text


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_kept_for_ever_under_the_address_of_its_content(client, name):
    assert client.get(name_asset(name)).headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/static/ibid.css", "/static/ibid.css?0123456789abcdef", "/static/nothing?", "/"])
def test_all_else_is_asked_for_again(client, path):
    assert client.get(path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_compressed(client, name):
    found = client.get(name_asset(name))
    assert found.headers["content-encoding"] == "gzip"
    assert int(found.headers["content-length"]) < len(found.content) / 2
    assert "Accept-Encoding" in found.headers["vary"]


def test_a_browser_that_takes_nothing_compressed_is_served_too(client):
    plain = client.get(name_asset("ibid.css"), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert re.match(r"/\* A reading room", plain.text)


def test_another_file_has_another_address():
    addresses = {name_asset(name).partition("?")[2] for name in NAMES}
    assert len(addresses) == len(NAMES)


def test_an_asset_that_is_not_there_is_a_mistake():
    with pytest.raises(KeyError):
        name_asset("nothing.css")
