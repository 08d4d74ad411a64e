"""Everything from nothing in a network namespace that holds loopback and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.server]

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = r"""
import fcntl, json, re, socket, struct, subprocess, sys, urllib.request
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
    fcntl.ioctl(loopback, 0x8914, struct.pack("16sh14x", b"lo", 1 | 64))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING
ibid, home, question = sys.argv[1:]
found = {"interfaces": sorted(name for _, name in socket.if_nameindex())}

def run(name, *arguments):
    done = subprocess.run([ibid, *arguments], capture_output=True, text=True, timeout=400)
    found[name] = [done.returncode, done.stdout, done.stderr]

run("build", "build")
run("ask", "ask", question, "--json")
run("doctor", "doctor")
with subprocess.Popen([ibid, "serve", "--port", "0"], stdout=-1, text=True) as server:
    try:
        url = re.search(r"http://[^ ]+", server.stdout.readline())[0]
        body = json.dumps({"question": question}).encode()
        request = urllib.request.Request(url + "/api/ask", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            found["serve"] = [reply.status, json.load(reply)]
    except Exception as error:
        found["serve"] = [0, repr(error)]
    finally:
        server.terminate()
run("eval", "eval", "eval/questions", "--json")
print(json.dumps(found))
"""


def find_unshare():
    """Return the command that enters a namespace of its own, or skip; CI must be able to."""
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    (pytest.fail if os.environ.get("CI") else pytest.skip)("this system does not permit `unshare -n`")
    return []


@pytest.fixture(scope="module")
def offline(tmp_path_factory, toyota):
    """What each command did, from an empty home, in a namespace without a network."""
    home = tmp_path_factory.mktemp("offline")
    # Nothing tells the libraries that they are offline: they must not ask.
    dropped = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    environ = {n: v for n, v in os.environ.items() if not n.startswith("IBID_") and n not in dropped}
    command = [*find_unshare(), sys.executable, "-c", SCRIPT, Path(sys.executable).parent / "ibid", home, toyota]
    done = subprocess.run(
        command,
        env=environ | {"IBID_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_namespace_holds_loopback_and_nothing_else(offline):
    assert offline["interfaces"] == ["lo"]


def test_the_seed_paper_is_built_from_nothing(offline):
    code, printed, errors = offline["build"]
    assert code == 0, errors
    assert "1 documents, 47 passages" in printed


def test_a_first_build_is_silent_on_standard_error(offline):
    assert offline["build"][2] == ""


def test_a_question_is_answered(offline):
    code, printed, errors = offline["ask"]
    assert (code, errors) == (0, "")
    assert "US$13.9 billion" in json.loads(printed)["answer"]["text"]


def test_the_doctor_finds_all_right_and_no_network(offline):
    code, printed, _ = offline["doctor"]
    assert code == 0
    assert "offline; building and asking need no network" in " ".join(printed.split())


def test_a_request_to_the_server_is_answered(offline):
    status, answer = offline["serve"]
    assert status == 200, answer
    assert "US$13.9 billion" in answer["passages"][0]["text"]


def test_the_questions_are_measured(offline):
    code, printed, errors = offline["eval"]
    assert code == 0, errors
    measured = json.loads(printed)
    assert measured["queries"] == 150
    assert 0.8 < measured["answer_recall@5"] <= 1
    assert 0.5 < measured["abstention_auroc"] <= 1
