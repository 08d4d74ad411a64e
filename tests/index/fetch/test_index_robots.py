import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fetch.robots import MAX_BYTES, parse_robots

HOST = "https://a.example"


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /private", "/private/1", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", True),
        ("User-agent: *\nDisallow: /\nAllow: /articles/", "/articles/1", True),
        ("User-agent: ibid\nDisallow: /\n\nUser-agent: *\nDisallow:", "/1", False),
        ("User-agent: Ibid/0.1\nUser-agent: other\nDisallow: /\n", "/1", False),
        ("User-agent: Googlebot\nDisallow: /", "/1", True),
        ("User-agent: Googlebot\nUser-agent: *\nDisallow: /", "/1", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Ibid\nDisallow:", "/1", True),
        ("User-agent: Ibidem\nDisallow: /", "/1", True),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/caf\u00e9", False),
        ("User-agent: * # all\nDisallow: / # everything", "/1", False),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", "/1", False),
        ("<!doctype html><p>Not found", "/1", True),
        ("", "/1", True),
    ],
)
def test_the_rules_that_are_ours_decide(rules, path, is_allowed):
    assert parse_robots(rules.encode()).is_allowed(HOST + path) is is_allowed


@pytest.mark.parametrize(
    ("rules", "delay_s"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: other\nCrawl-delay: 9", 0.0),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: -3", 0.0),
        ("User-agent: *\nCrawl-delay: inf", 0.0),
    ],
)
def test_the_delay_is_what_our_rules_ask_for(rules, delay_s):
    assert parse_robots(rules.encode()).delay_s == delay_s


def test_what_is_over_the_limit_does_not_count():
    assert parse_robots(b"#" * MAX_BYTES + b"\nUser-agent: *\nDisallow: /").is_allowed(HOST + "/1")


@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_crash_it(content, path):
    rules = parse_robots(b"User-agent: *\n" + content)
    assert rules.is_allowed(f"{HOST}/{path}") in (True, False)
    assert rules.delay_s >= 0


HOSTILE = {
    "agents times rules": "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Disallow: /x\n" * 20_000,
    "agents without colons": "".join(f"User-agent a{n}\n" for n in range(15_000)) + "Disallow: /x\n" * 20_000,
    "wildcards": "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*b\n" * 15_000,
    "one long rule": "User-agent: *\nDisallow: /" + "*a" * 240_000,
    "one long line": "User-agent" + " " * 480_000 + "x",
}


@pytest.mark.parametrize("content", HOSTILE)
def test_a_hostile_file_takes_no_long_time(content):
    started = time.process_time()
    parse_robots(HOSTILE[content].encode()).is_allowed(HOST + "/" + "a" * 4000)
    assert time.process_time() - started < 3
