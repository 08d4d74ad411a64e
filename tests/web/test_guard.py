import dataclasses
import socket

import httpx
import pytest

from web.app import LOCAL_HOSTS, create_app
from web.guard import BODY_MAX_BYTES

pytestmark = [pytest.mark.model, pytest.mark.server]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000"])
def test_a_name_of_this_machine_is_served(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", "[::2]", "[", ""],
)
def test_any_other_name_is_refused(client, host):
    found = client.get("/healthz", headers={"host": host})
    assert (found.status_code, found.json()["error"]["kind"]) == (400, "wrong_host")


def test_a_refused_reader_gets_a_page(client):
    found = client.get("/", headers={"host": "evil.example"})
    assert found.status_code == 400
    assert "This server does not go by that name." in found.text


def test_a_name_that_the_server_was_given_is_served(serving, settings):
    with serving(create_app(settings, hosts=(*LOCAL_HOSTS, "Reading.Room"))) as url:
        assert httpx.get(f"{url}/healthz", headers={"host": "reading.room:80"}).status_code == 200


@pytest.mark.parametrize(("host", "status"), [("192.168.1.5:8000", 200), ("[fe80::1]", 200), ("evil.example", 400)])
def test_who_listens_everywhere_goes_by_any_address_but_no_name(serving, settings, host, status):
    with serving(create_app(settings, hosts=(*LOCAL_HOSTS, "0.0.0.0"))) as url:
        assert httpx.get(f"{url}/healthz", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    "path", ["/", "/ask?q=", "/docs", "/sources", "/healthz", "/api/ask", "/nothing", "/static/ibid.css"]
)
def test_every_answer_tells_the_browser_to_be_strict(client, path):
    found = client.get(path).headers
    assert found["content-security-policy"] == POLICY
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"


def test_even_a_crash_does(serving, settings):
    app = create_app(settings)
    app.state.live = dataclasses.make_dataclass("Broken", [])()
    with serving(app) as url:
        found = httpx.get(url)
    assert found.status_code == 500
    assert found.headers["content-security-policy"] == POLICY
    assert "Something broke inside Ibid." in found.text


def test_a_page_and_its_fragment_are_cached_apart(client):
    assert "HX-Request" in client.get("/").headers["vary"]


def test_a_body_of_exactly_the_limit_is_read(client):
    body = '{"question": "' + " " * (BODY_MAX_BYTES - 16) + '"}'
    found = client.post("/api/ask", content=body, headers=JSON)
    assert (len(body), found.json()["error"]["message"]) == (BODY_MAX_BYTES, "the question is empty")


@pytest.mark.parametrize("size_bytes", [BODY_MAX_BYTES + 1, 5_000_000])
def test_a_larger_body_is_refused(client, size_bytes):
    found = client.post("/api/ask", content=b" " * size_bytes, headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (413, "too_large")


def test_a_larger_body_of_unknown_length_is_refused(client):
    found = client.post("/api/ask", content=(b" " * 1000 for _ in range(100)), headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (413, "too_large")


def post(client, **headers):
    return client.post("/api/ask", json={"question": " "}, headers=headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_another_site_s_page_sends_is_refused(client, site):
    found = post(client, **{"sec-fetch-site": site})
    assert (found.status_code, found.json()["error"]["kind"]) == (403, "cross_site")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://[", "", "localhost"])
def test_so_it_is_where_a_browser_tells_only_the_origin(client, origin):
    assert post(client, origin=origin).status_code == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_our_own_page_sends_is_read(client, site):
    assert post(client, **{"sec-fetch-site": site}).status_code == 422


def test_our_own_origin_is_known_by_the_name_that_was_called(client):
    assert post(client, origin="http://LOCALHOST:1", host="localhost:1").status_code == 422


def test_a_program_that_tells_neither_is_no_browser(client):
    assert post(client).status_code == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_method_that_changes_something_is_guarded(client, method):
    assert client.request(method, "/nothing", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_link_from_another_site_may_be_followed(client):
    assert client.get("/", headers={"sec-fetch-site": "cross-site", "origin": "null"}).status_code == 200


def test_a_reader_gets_a_page_that_says_why(client):
    found = client.post("/nothing", headers={"sec-fetch-site": "cross-site"})
    assert "This request comes from the page of another site." in found.text


def test_a_body_that_does_not_end_is_given_up(monkeypatch, serving, settings):
    monkeypatch.setattr("web.guard._BODY_TIMEOUT_S", 0.1)
    head = "POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n "
    with serving(create_app(settings)) as url, socket.create_connection(("127.0.0.1", httpx.URL(url).port)) as line:
        line.sendall(head.encode())
        found = line.makefile("rb").read().decode()
    assert found.startswith("HTTP/1.1 408")
    assert '"too_slow"' in found
