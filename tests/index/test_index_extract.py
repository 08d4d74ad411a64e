import hashlib
import os
from pathlib import Path

import pytest

from index.errors import SourceError
from index.extract import SOURCE_MAX_BYTES, read_content, sniff_type
from index.sources import find_sources, parse_source

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


BAD = {
    "empty": (b"", "is empty", "put the paper's text into it"),
    "blank": (b" \n\t\n", "is empty", "put the paper's text into it"),
    "byte order mark alone": (b"\xef\xbb\xbf", "is empty", "put the paper's text into it"),
    "binary": (b"text\x00\x01\x02more", "is a binary file (application/octet-stream), not text", "save it as PDF"),
    "word": (b"PK\x03\x04word/document.xml", "is a binary file (application/zip), not text", "save it as PDF, HTML or"),
    "latin-1": ("caf\u00e9 au lait".encode("latin-1"), "is not UTF-8 text (byte 3)", "save it as PDF, HTML or plain"),
    "utf-16": ("Rain fell.".encode("utf-16"), "is not UTF-8 text (byte 0)", "save it as PDF, HTML or plain text in"),
    "xml": (b"<?xml version='1.0'?><a/>", "is a binary file (application/xml), not text", "save it as PDF, HTML or"),
}


@pytest.mark.parametrize("content", BAD)
def test_what_is_no_text_is_refused_by_what_it_is(tmp_path, content):
    path = write(tmp_path, "paper.txt", BAD[content][0])
    with pytest.raises(SourceError) as caught:
        find_sources([path])
    assert caught.value.message == f"{path} {BAD[content][1]}"


@pytest.mark.parametrize("content", BAD)
def test_what_is_no_text_comes_with_a_way_out(tmp_path, content):
    with pytest.raises(SourceError) as caught:
        find_sources([write(tmp_path, "paper.txt", BAD[content][0])])
    assert caught.value.hint.startswith(BAD[content][2])


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"there is no file or folder .*/gone\.txt; name one that exists"):
        find_sources([tmp_path / "gone.txt"])


def test_a_folder_without_a_paper_asks_for_one(tmp_path):
    write(tmp_path, "picture.png", b"\x89PNG")
    with pytest.raises(SourceError, match=r"holds no paper; put a PDF, HTML, \.txt or \.md file into it"):
        find_sources([tmp_path])


def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(SourceError, match="is no regular file; name a file"):
        find_sources([tmp_path / "pipe.txt"])


def test_a_pipe_in_a_folder_is_passed_over(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    write(tmp_path, "rain.txt", "Rain fell.")
    assert [source.document_id for source in find_sources([tmp_path])] == ["rain"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_without_permission_asks_for_it(tmp_path):
    path = write(tmp_path, "rain.txt", "Rain fell.")
    path.chmod(0)
    with pytest.raises(SourceError, match=r"cannot read .*; check the file's permissions"):
        find_sources([path])


def test_a_file_over_the_limit_is_to_be_split(tmp_path):
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(SOURCE_MAX_BYTES + 1)
    with pytest.raises(SourceError, match="is larger than 50 MB; split it into several files"):
        find_sources([path])


def test_files_with_one_name_have_ids_of_their_own(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [write(tmp_path / "a", "rain.txt", "Rain fell."), write(tmp_path / "b", "rain.txt", "Snow fell.")]
    digest = hashlib.sha256(b"Snow fell.").hexdigest()[:8]
    assert [source.document_id for source in find_sources(paths)] == ["rain", f"rain-{digest}"]


def test_equal_files_with_one_name_have_ids_of_their_own(tmp_path):
    paths = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        paths.append(write(tmp_path / name, "rain.txt", "Rain fell."))
    assert len({source.document_id for source in find_sources(paths)}) == 3


def test_a_file_named_twice_is_read_once(tmp_path):
    path = write(tmp_path, "rain.txt", "Rain fell.")
    assert len(find_sources([path, tmp_path, tmp_path / "." / "rain.txt"])) == 1


def test_a_folder_gives_its_text_files_in_order_of_name(tmp_path):
    for name in ("c.md", "a.txt", "b.markdown", "d.text", "e.csv"):
        write(tmp_path, name, f"Text of {name}.")
    assert [source.document_id for source in find_sources([tmp_path])] == ["a", "b", "c", "d"]


def test_a_suffix_in_capitals_counts(tmp_path):
    write(tmp_path, "RAIN.TXT", "Rain fell.")
    assert [source.document_id for source in find_sources([tmp_path])] == ["rain"]


def test_a_file_named_outright_may_have_any_suffix(tmp_path):
    assert find_sources([write(tmp_path, "rain.rst", "Rain fell.")])[0].load() == b"Rain fell."


def test_a_name_without_letters_still_gives_an_id(tmp_path):
    assert find_sources([write(tmp_path, "論文.txt", "Rain fell.")])[0].document_id == "document"


def test_an_id_holds_only_plain_letters_digits_and_hyphens(tmp_path):
    source = find_sources([write(tmp_path, "My Paper: (v2) & more.txt", "Rain fell.")])[0]
    assert source.document_id == "my-paper-v2-more"


def test_a_byte_order_mark_is_not_text(tmp_path):
    source = find_sources([write(tmp_path, "rain.txt", b"\xef\xbb\xbfRain fell.")])[0]
    assert parse_source(source).text == "Rain fell."


def test_the_digest_is_that_of_the_bytes():
    source = find_sources([SEEDS])[0]
    assert source.sha256 == hashlib.sha256(Path(source.origin).read_bytes()).hexdigest()


def test_a_parsed_source_has_the_id_of_its_file(tmp_path):
    source = find_sources([write(tmp_path, "rain.txt", "Rain fell.")])[0]
    assert parse_source(source).work.id == "rain"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\n\n%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"<html><body>PDF is how a PDF begins", "text/html"),
        (b"<!-- saved from a browser -->\n<!DOCTYPE html><p>Rain", "text/html"),
        (b"\xef\xbb\xbf <HTML><p>Rain", "text/html"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='a'>", "text/html"),
        ("<html><p>Rain".encode("utf-16"), "text/html"),
        (b"<?xml version='1.0'?><rss/>", "application/xml"),
        (b"<p>Rain fell.</p>", "text/html"),
        (b"<3 rain", "text/plain"),
        (b"\x89PNG\r\n", "image/png"),
        (b"Rain fell: a < b.", "text/plain"),
        (b"", "text/plain"),
    ],
)
def test_bytes_are_what_they_are_whatever_their_label(content, kind):
    assert sniff_type(content) == kind


def test_markdown_may_begin_with_html(tmp_path):
    path = write(tmp_path, "rain.md", '<p align="center">Rain</p>\n\n# On rain\n\nRain fell.')
    assert [section.title for section in parse_source(find_sources([path])[0]).sections] == ["", "On rain"]


def test_a_server_may_say_in_which_charset_a_text_is():
    reading = read_content("Café".encode("latin-1"), "http://a.example/", "text/plain; charset=ISO-8859-1")
    assert reading.blocks[0].text == "Café"


def test_a_charset_that_does_not_exist_is_an_error():
    with pytest.raises(SourceError, match="is no text in klingon"):
        read_content(b"Caf\xe9", "http://a.example/", "text/plain; charset=klingon")


def test_a_folder_s_notes_and_hidden_files_are_no_papers(tmp_path):
    for name in ("README.md", "._rain.txt", "rain.txt"):
        write(tmp_path, name, "Rain fell.")
    assert [source.document_id for source in find_sources([tmp_path])] == ["rain"]


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "idna", "punycode", "rot13", "hex"]
)
def test_a_codec_that_is_no_charset_of_texts_is_not_believed(charset):
    with pytest.raises(SourceError, match=f"is no text in {charset}"):
        read_content(b"Caf\xe9 \\ud800", "http://a.example/", f"text/plain; charset={charset}")


@pytest.mark.parametrize(
    "charset", ["windows-1252", "latin1", "Shift_JIS", "gb18030", "big5", "koi8-r", "EUC-KR", "utf-16"]
)
def test_the_charsets_in_which_texts_are_written_are_believed(charset):
    text = {"Shift_JIS": "雨", "gb18030": "雨", "big5": "雨", "koi8-r": "дождь", "EUC-KR": "비"}.get(charset, "é")
    reading = read_content(f"{text} fell.".encode(charset), "a", f"text/plain; charset={charset}")
    assert reading.blocks[0].text == f"{text} fell."
