"""Everything that a user can get wrong: exit code 2, one line that says what to do, nothing on standard output."""

import re
import shutil
import signal
import time

import pytest
from filelock import FileLock

pytestmark = pytest.mark.model

WORDS = "The {0} crane of harbour {0} lifted {1} tonnes of copper in the year {2}, and its driver told nobody. "


def assert_refused(done, told, code=2):
    """Assert exit code, one line on standard error that holds what to do, and nothing on standard output."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert done.stderr.startswith("ibid: ")
    assert re.search(told, done.stderr), done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", ""], "ask something, such as"),
        (["ask", "  \n"], "ask something, such as"),
        (["ask", "y" * 10_000], "10,000 characters long; shorten it to 2,000 characters or fewer"),
        (["ask", "???"], "ask in words, in UTF-8"),
        (["ask", b"\xff\xfe"], "ask in words, in UTF-8"),
        (["ask", "a\x1bb"], "ask in words, in UTF-8"),
        (["ask", "why?", "-k", "0"], "k is 0; ask for 1 to 100 passages"),
        (["ask", "why?", "-k", "101"], "k is 101; ask for 1 to 100 passages"),
        (["ask", "why?", "-k", "-1"], "k is -1; ask for 1 to 100 passages"),
        (["ask", "why?", "-k", "nine"], r"-k.*see `ibid --help`"),
        (["ask", "why?", "--source", "web"], r"paper.*references.*all.*see `ibid --help`"),
        (["ask", "why?", "--source", "references"], "fetch some with `ibid fetch`"),
        (["ask"], r"(?i)question.*see `ibid --help`"),
        (["ask", "two", "arguments"], "see `ibid --help`"),
        (["ask", "why?", "--nonsense"], r"--nonsense.*see `ibid --help`"),
        (["frobnicate"], r"frobnicate.*see `ibid --help`"),
        (["show", "nonsense"], "copy a locator from"),
        (["show", "us-japan-science-technology-2021-2025:5-5"], "copy a locator from"),
        (["show", "us-japan-science-technology-2021-2025:0-999999"], "copy a locator from"),
        (["show", "no-such-paper:0-10"], "list the documents with `ibid sources`"),
        (["show", "x" * 100_000], "copy a locator from"),
        (["cite"], "name what to cite: ibid cite LOCATOR or ibid cite NUMBER"),
        (["cite", "7", "--bibliography"], "only one can be had, .*; name what to cite"),
        (["cite", "--bibliography", "--in-text"], "name what to cite"),
        (["cite", "99"], "no entry '99': it has 1 to 23; list the entries with `ibid sources`"),
        (["cite", "7", "99"], "no entry '99'"),
        (["cite", "no-such-paper"], "list the documents with `ibid sources`"),
        (["cite", "no-such-paper:0-10"], "list the documents with `ibid sources`"),
        (["cite", "us-japan-science-technology-2021-2025:0-999999"], "copy a locator from"),
        (["cite", "x" * 100_000], "copy a locator from"),
        (["cite", "7", "--style", "appa"], "no citation style 'appa'; name another, such as apa"),
        (["cite", "7", "--style", "../../apa"], "no citation style '../../apa'; name one of apa, mla, chicago"),
        (["cite", "7", "--style", ""], "no citation style ''; name one of apa"),
        (["cite", "7", "--format", "docx"], r"csl-json.*see `ibid --help`"),
        (["cite", "7", "--format", "ris", "--in-text"], "ask for text or html, or leave --in-text out"),
        (["cite", "7", "--output", "/proc/x/y.txt"], "name a file in a folder that can be written"),
        (["cite", "7", "--output", "/tmp"], "name a file in a folder that can be written"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(ibid, home, arguments, told):
    assert_refused(ibid(*arguments, home=home), told)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("gone.txt", None, "there is no file or folder .*gone.txt; name one that exists: ibid build PATH"),
        ("empty.txt", b"", "empty.txt is empty; put the paper's text into it"),
        ("blank.txt", b" \n\n\t", "blank.txt is empty; put the paper's text into it"),
        ("binary.txt", b"abc\x00\x01def" * 50, r"is a binary file \(application/octet-stream\), not text; save it as"),
        ("latin.txt", "Façade of a chip".encode("latin-1"), r"is not UTF-8 text \(byte 2\); save it as PDF"),
        ("utf16.txt", "A paper".encode("utf-16"), "is not UTF-8 text .*; save it as PDF, HTML or plain text in UTF-8"),
        ("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a damaged PDF.*; "),
        ("page.html", b"<!doctype html><script>draw()</script>", "; "),
    ],
)
def test_a_file_that_is_no_text_is_refused_in_one_line(ibid, empty_home, tmp_path, *, name, content, told):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert_refused(ibid("build", str(tmp_path / name), home=empty_home), told)


def test_a_refused_file_leaves_the_old_index_in_force(ibid, copied_home, tmp_path, toyota):
    before = (copied_home / "index" / "current").read_text()
    assert_refused(ibid("build", str(tmp_path / "gone.txt"), home=copied_home), "name one that exists")
    assert (copied_home / "index" / "current").read_text() == before
    assert "US$13.9 billion" in ibid("ask", toyota, home=copied_home).stdout


@pytest.mark.parametrize("content", [b"...\n", b"# \n", b"\xef\xbb\xbfword", b"x" * 5000])
def test_a_text_of_next_to_nothing_is_indexed_or_refused_in_one_line(ibid, empty_home, tmp_path, content):
    (tmp_path / "little.txt").write_bytes(content)
    done = ibid("build", str(tmp_path / "little.txt"), home=empty_home)
    assert done.returncode in (0, 2), done.stderr
    assert done.stderr.count("\n") == done.returncode // 2, done.stderr


def test_a_folder_without_a_paper_is_refused_in_one_line(ibid, empty_home, tmp_path):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "picture.png").write_bytes(b"\x89PNG")
    assert_refused(
        ibid("build", str(tmp_path / "bare"), home=empty_home),
        "holds no paper; put a PDF, HTML, .txt or",
    )


@pytest.mark.parametrize(
    "arguments", [["ask", "why?"], ["show", "a:1-2"], ["sources"], ["sources", "--json"], ["cite", "7"]]
)
def test_no_index_yet_is_told_in_one_line(ibid, empty_home, arguments):
    assert_refused(ibid(*arguments, home=empty_home), "there is no index in .*; make one with `ibid build`")


def truncate(path):
    path.write_bytes(path.read_bytes()[:-10])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


DAMAGES = {"truncated": truncate, "flipped": flip, "removed": lambda path: path.unlink()}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    "file", ["corpus.sqlite", "passages.faiss", "windows.npy", "terms/terms.npy", "lexical/meta.json", "manifest.json"]
)
def test_a_damaged_file_of_the_bundle_is_told_in_one_line(ibid, copied_home, file, damage):
    bundle = copied_home / "index" / (copied_home / "index" / "current").read_text().strip()
    DAMAGES[damage](next(bundle.glob(f"**/{file}")))
    done = ibid("ask", "why?", home=copied_home)
    assert_refused(done, rf"the index is damaged: .*{file} .*; rebuild it with `ibid build --fresh`")


@pytest.mark.parametrize("current", ["bundle-gone-9\n", "../../etc\n", "\n", "\u00ff\u0000"])
def test_a_wrong_name_of_the_bundle_is_told_in_one_line(ibid, copied_home, current):
    (copied_home / "index" / "current").write_text(current, encoding="latin-1")
    assert_refused(
        ibid("ask", "why?", home=copied_home), "the index is damaged: .*; rebuild it with `ibid build --fresh`"
    )


def test_a_damaged_index_is_mended_by_what_the_message_says(ibid, copied_home, toyota):
    bundle = copied_home / "index" / (copied_home / "index" / "current").read_text().strip()
    truncate(next(bundle.rglob("corpus.sqlite")))
    assert ibid("build", "--fresh", home=copied_home).returncode == 0
    assert "US$13.9 billion" in ibid("ask", toyota, home=copied_home).stdout


def test_a_missing_model_is_told_in_one_line(ibid, copied_home):
    (copied_home / "models").unlink()
    assert_refused(ibid("ask", "why?", home=copied_home), "run `ibid build|with `ibid build")


@pytest.mark.parametrize("arguments", [["ask", "why?"], ["sources"]])
def test_an_index_of_another_model_is_told_in_one_line(ibid, home, arguments):
    told = "rebuild it with `ibid build`, or set IBID_MODEL=all-MiniLM-L6-v2"
    assert_refused(ibid(*arguments, home=home, IBID_MODEL="other"), told)


def test_a_model_that_cannot_be_had_is_told_in_one_line(ibid, empty_home):
    assert_refused(
        ibid("build", home=empty_home, IBID_MODEL="no-such/model", HF_HUB_OFFLINE="1"), "no-such/model.*; .+"
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("IBID_CANDIDATES", "x", "IBID_CANDIDATES is 'x'; set it to a whole number from 10 to 10000"),
        ("IBID_CANDIDATES", "9", "IBID_CANDIDATES is '9'; set it to a whole number from 10 to 10000"),
        ("IBID_CANDIDATES", "10.5", "set it to a whole number"),
        ("IBID_THRESHOLD", "nan", "IBID_THRESHOLD is 'nan'; set it to a number from 0 to 1"),
        ("IBID_DENSE_WEIGHT", "1.01", "IBID_DENSE_WEIGHT is '1.01'; set it to a number from 0 to 1"),
        ("IBID_WINDOW_TOKENS", "30", "rebuild it with `ibid build`, or set IBID_WINDOW_TOKENS=60"),
    ],
)
def test_a_bad_setting_is_told_in_one_line(ibid, home, name, value, told):
    assert_refused(ibid("ask", "why?", home=home, **{name: value}), told)


def test_of_two_builds_at_once_the_second_is_refused_in_one_line(ibid, copied_home):
    with FileLock(copied_home / "index" / "build.lock"):
        done = ibid("build", "--fresh", home=copied_home)
    assert_refused(done, "another build is at work in .*; wait for it to end, or build elsewhere with --index")


def test_a_home_that_is_a_file_is_told_in_one_line(ibid, tmp_path):
    (tmp_path / "file").write_text("x")
    assert_refused(ibid("build", home=tmp_path / "file"), "cannot write to .*; .*IBID_HOME")


def test_ctrl_c_in_a_build_leaves_the_old_index_and_no_part(ibid, start, copied_home, tmp_path, toyota):
    paragraphs = (WORDS.format(n, n * 7919 % 1009, n * 104_729 % 2003) for n in range(40_000))
    (tmp_path / "large.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    with start("build", "--fresh", str(tmp_path / "large.txt"), home=copied_home) as building:
        until = time.monotonic() + 120
        while not list(copied_home.glob("papers/*/.part-*")) and building.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.5)
        building.send_signal(signal.SIGINT)
        output, errors = building.communicate(timeout=60)
    assert (building.returncode, output) == (130, ""), errors
    assert errors == "ibid: interrupted; an index in force is whole\n"
    assert list(copied_home.glob("papers/*/.part-*")) == []
    assert "US$13.9 billion" in ibid("ask", toyota, home=copied_home).stdout


def test_the_copied_home_is_a_copy(copied_home, home):
    assert (copied_home / "models").is_symlink()
    shutil.rmtree(copied_home / "papers")
    assert (home / "index" / "current").exists()
