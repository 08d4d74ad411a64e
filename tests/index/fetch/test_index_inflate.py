import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fetch.download import DownloadError
from index.fetch.inflate import Inflater, read_coding


def inflate(packed, encoding, max_bytes=10_000, piece_bytes=7, **wishes):
    body = Inflater(encoding, max_bytes, **wishes)
    for start in range(0, len(packed), piece_bytes):
        body.feed(packed[start : start + piece_bytes])
    return body.finish()


def deflate_raw(content):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


PACKERS = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without its header": ("deflate", deflate_raw),
    "plain": ("", bytes),
    "plain, labelled as a charset": ("utf-8", bytes),
}


@pytest.mark.parametrize("packer", PACKERS)
@given(
    content=st.binary(max_size=300).filter(lambda content: content[:2] != b"\x1f\x8b"), piece_bytes=st.integers(1, 50)
)
def test_what_was_packed_comes_out_whatever_the_pieces(packer, content, piece_bytes):
    encoding, pack = PACKERS[packer]
    assert inflate(pack(content), encoding, piece_bytes=piece_bytes) == content


def test_gzip_in_several_members_is_one_body():
    assert inflate(gzip.compress(b"rain ") + gzip.compress(b"fell"), "gzip", piece_bytes=1000) == b"rain fell"


def test_thousands_of_members_are_an_attack():
    with pytest.raises(DownloadError, match="damaged compression"):
        inflate(gzip.compress(b"") * 5000, "gzip", piece_bytes=65536)


def test_padding_after_gzip_is_ignored():
    assert inflate(gzip.compress(b"rain") + bytes(20), "gzip") == b"rain"


def test_what_is_labelled_gzip_and_is_none_is_taken_as_it_is():
    assert inflate(b"<p>rain", "gzip") == b"<p>rain"


@pytest.mark.parametrize("size", [10_000, 10_001])
@pytest.mark.parametrize("packer", PACKERS)
def test_one_byte_over_the_limit_is_too_much(packer, size):
    encoding, pack = PACKERS[packer]
    if size == 10_000:
        assert len(inflate(pack(bytes(size)), encoding)) == size
    else:
        with pytest.raises(DownloadError, match=r"larger than 0\.01 MB"):
            inflate(pack(bytes(size)), encoding)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_body_that_may_be_cut_is_cut_at_the_limit(packer):
    encoding, pack = PACKERS[packer]
    assert inflate(pack(b"x" * 50_000), encoding, is_cut=True) == b"x" * 10_000


@pytest.mark.parametrize("packer", ["gzip", "deflate", "deflate without its header"])
def test_a_body_that_ends_too_early_is_no_body(packer):
    encoding, pack = PACKERS[packer]
    with pytest.raises(DownloadError, match="sent less than it announced"):
        inflate(pack(bytes(range(256)))[:-1], encoding)


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "", "gzip;q=1"]))
def test_no_bytes_crash_it(content, encoding):
    with contextlib.suppress(DownloadError):
        assert len(inflate(content, encoding)) <= 10_000


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [
        ("gzip, gzip", "came packed more than once"),
        ("deflate,br", "came packed more than once"),
        ("br", "came packed as br, which was not asked for"),
        ("zstd", "came packed as zstd, which was not asked for"),
    ],
)
def test_what_was_not_asked_for_is_refused(encoding, reason):
    with pytest.raises(DownloadError) as caught:
        read_coding(encoding)
    assert (caught.value.state, caught.value.reason) == ("unreadable", reason)
