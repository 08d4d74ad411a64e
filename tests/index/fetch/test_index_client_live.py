"""The client as it runs on the internet: in a network namespace, with real name lookups, addresses and ports."""

import json
import subprocess
import sys
import time

import pytest
from ills import ARTICLE, add_ills
from namespace import Namespace, is_possible

pytestmark = pytest.mark.skipif(not is_possible(), reason="needs root, to make a network namespace")

FETCH = """
import asyncio, json, sys
from pathlib import Path
from index.fetch.client import DownloadError, open_client
from index.settings import Settings

async def attempt(client, url):
    try:
        got = await client.get(url)
        return str(got.status), str(len(got.content))
    except DownloadError as error:
        return error.state, error.reason

async def run(folder, urls):
    async with open_client(Settings(fetch_timeout_s=4, fetch_delay_s=0, fetch_hosts=64), Path(folder)) as client:
        found = await asyncio.gather(*(attempt(client, url) for url in urls))
        print(json.dumps({"found": found, "requests": client.requests}))

asyncio.run(run(sys.argv[1], json.load(sys.stdin)))
"""


@pytest.fixture
def inside(web, tmp_path):
    with Namespace(web, tmp_path) as namespace:
        yield namespace


def start(inside, folder, urls):
    program = inside.start(sys.executable, "-c", FETCH, folder, stdin=-1, stdout=-1, text=True)
    program.stdin.write(json.dumps(list(urls)))
    program.stdin.close()
    return program


def fetch(inside, folder, urls):
    program = start(inside, folder, urls)
    found = json.loads(program.stdout.read())
    program.stdout.close()
    assert program.wait(10) == 0
    return found


def test_every_ill_ends_in_the_right_state_and_nothing_private_is_dialled(web, inside, tmp_path):
    told = add_ills(web)
    for routed in ("https://closed.example/", "https://mute.example/"):  # here every address answers
        del told[routed]
    found = fetch(inside, tmp_path / "cache", told)["found"]
    wrong = {
        url: outcome
        for (url, (state, reason)), outcome in zip(told.items(), found, strict=True)
        if outcome[0] != state or reason not in outcome[1]
    }
    assert (wrong, web.strays) == ({}, [])


def test_a_machine_without_network_is_offline(tmp_path):
    alone = ["unshare", "-n", sys.executable, "-c", FETCH, tmp_path / "cache"]
    urls = json.dumps(["https://a.example/", "https://93.184.216.34/", "https://[2606:2800::1]/"])
    ended = subprocess.run(alone, input=urls, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ended.stdout)["found"] == [["offline", "no network can be reached"]] * 3


def test_a_kill_in_the_middle_leaves_a_cache_of_use(web, inside, tmp_path):
    web.latency_s = 0.1
    urls = [web.add(f"host-{n}.example", f"/{part}", ARTICLE * 500) for n in range(8) for part in range(6)]
    program = start(inside, tmp_path / "cache", urls)
    while len(web.visits) < 24:
        time.sleep(0.005)
    program.kill()
    program.wait(10)
    program.stdout.close()
    again, third = (fetch(inside, tmp_path / "cache", urls) for _ in range(2))
    assert again["found"] == [["200", str(500 * len(ARTICLE))]] * 48
    assert (0 < again["requests"] < 56, third["requests"]) == (True, 0)
