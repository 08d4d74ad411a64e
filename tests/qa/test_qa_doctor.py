"""The doctor: what it finds, and how it says to mend what is wrong."""

from dataclasses import replace

import pytest

from index.settings import Settings
from qa.doctor import check_health

pytestmark = pytest.mark.model


def find(settings, name):
    return next(check for check in check_health(settings) if check.name == name)


def test_a_healthy_home_is_all_right_offline(settings):
    checks = check_health(settings)
    assert [(check.name, check.ok) for check in checks] == [
        ("settings", True),
        ("disk", True),
        ("index files", True),
        ("index and model", True),
        ("network", True),
        ("styles", True),
    ]


def test_nothing_is_to_be_mended_in_a_healthy_home(settings):
    assert {check.hint for check in check_health(settings)} == {""}


def test_styles_need_pandoc_and_citations_do_not(settings, monkeypatch):
    assert find(settings, "styles").found.startswith("citations in any style, by ")
    monkeypatch.setattr("qa.pandoc.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", "")
    without = find(settings, "styles")
    assert without.ok
    assert without.found.startswith("citations in a plain form only: ")


def test_no_network_is_a_normal_state(settings):
    assert find(settings, "network").found == "offline; building and asking need no network"


def test_index_and_model_tell_counts_and_precision(settings):
    assert find(settings, "index and model").found.startswith("1 documents, 47 passages; all-MiniLM-L6-v2 as ")


def test_the_settings_of_the_environment_are_named(settings, monkeypatch):
    for name in ("IBID_HOME", "IBID_MODEL", "IBID_CANDIDATES"):
        monkeypatch.delenv(name, raising=False)
    assert find(settings, "settings").found.endswith("; set here: none")
    monkeypatch.setenv("IBID_THRESHOLD", "0.5")
    assert find(settings, "settings").found.endswith("; set here: IBID_THRESHOLD")


@pytest.mark.parametrize("name", ["index files", "index and model"])
def test_a_missing_index_is_wrong_and_says_how_to_make_one(tmp_path, name):
    check = find(Settings(home=tmp_path), name)
    assert (check.ok, check.hint) == (False, "make one with `ibid build`")


def test_another_model_is_wrong_but_the_files_are_right(settings):
    other = replace(settings, model="other")
    assert find(other, "index files").ok
    assert find(other, "index and model").hint == "rebuild it with `ibid build`, or set IBID_MODEL=all-MiniLM-L6-v2"


def test_a_change_that_keeps_size_and_time_is_found(copied_home):
    import os

    bundle = copied_home / "index" / (copied_home / "index" / "current").read_text().strip()
    file = next(bundle.rglob("corpus.sqlite"))
    stamp = file.stat()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    check = find(Settings(home=copied_home), "index files")
    assert (check.ok, check.hint) == (False, "rebuild it with `ibid build --fresh`")
    assert check.found.endswith("corpus.sqlite was changed")


def test_doctor_succeeds_on_a_healthy_home(ibid, home):
    done = ibid("doctor", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines() if line[:1].strip()] == ["ok"] * 6


def test_doctor_ends_with_2_and_the_hint_where_there_is_no_index(ibid, empty_home):
    done = ibid("doctor", home=empty_home)
    assert (done.returncode, done.stderr) == (2, "")
    assert "→ make one with `ibid build`" in " ".join(done.stdout.split())


def test_doctor_breaks_no_line_that_is_to_be_copied_when_piped(ibid, home):
    assert f"home {home}, model all-MiniLM-L6-v2" in ibid("doctor", home=home).stdout
