import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

IBID = [sys.executable, "-c", "from qa.cli import main; main()"]


def run(*arguments, home):
    environ = os.environ | {"IBID_HOME": str(home)}
    return subprocess.run([*IBID, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.model
@pytest.mark.server
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_serve_prints_its_address_answers_there_and_ends_cleanly_on_ctrl_c(home, host):
    environ = os.environ | {"IBID_HOME": str(home)}
    arguments = [*IBID, "serve", "--port", "0", "--host", host]
    with subprocess.Popen(arguments, env=environ, stdout=-1, stderr=-1, text=True, bufsize=1) as server:
        try:
            line = server.stdout.readline()
            assert httpx.get(f"{re.search(r'http://[^ ]+', line)[0]}/healthz").json()["status"] == "ok"
            server.send_signal(signal.SIGINT)
            rest, errors = server.communicate(timeout=20)
        finally:
            server.kill()
    assert (server.returncode, rest, errors) == (0, "", "")


@pytest.mark.server
def test_a_port_in_use_is_told_in_one_line(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), home=home)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert f"such as --port {port + 1}" in done.stderr


@pytest.mark.server
@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid", "a" * 300])
def test_an_address_of_another_machine_is_told_in_one_line(home, host):
    done = run("serve", "--host", host, "--port", "0", home=home)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on {host}:0" in done.stderr


@pytest.mark.server
def test_a_missing_index_is_told_before_anything_is_served(tmp_path):
    done = run("serve", "--port", "0", "--index", str(tmp_path / "none"), home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "make one with `ibid build`" in done.stderr


@pytest.mark.server
def test_a_home_without_a_paper_is_told_where_nobody_may_add_one(tmp_path):
    done = run("serve", "--port", "0", "--host", "0.0.0.0", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.server
def test_a_home_without_a_paper_is_served_where_one_can_be_added(tmp_path):
    environ = os.environ | {"IBID_HOME": str(tmp_path)}
    with subprocess.Popen([*IBID, "serve", "--port", "0"], env=environ, stdout=-1, text=True, bufsize=1) as server:
        try:
            found = httpx.get(re.search(r"http://[^ ]+", server.stdout.readline())[0])
        finally:
            server.kill()
    assert (found.status_code, "Add a paper" in found.text) == (200, True)


@pytest.mark.model
@pytest.mark.server
def test_a_reranker_that_cannot_be_used_is_told_before_anything_is_served(home, monkeypatch):
    monkeypatch.setenv("IBID_RERANKER", "no-such/cross-encoder")
    done = run("serve", "--port", "0", home=home)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "cannot load the reranker no-such/cross-encoder" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_cannot_be_is_refused(tmp_path, port):
    done = run("serve", "--port", port, home=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "see `ibid --help`" in done.stderr


def test_help_lists_the_options(tmp_path):
    shown = run("serve", "--help", home=tmp_path).stdout
    assert all(option in shown for option in ("--host", "--port", "--index", "--allow-adding"))


def test_the_command_imports_nothing_heavy():
    code = "import sys, web.command; print({'fastapi', 'uvicorn', 'torch', 'faiss', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
