from index.fetch.download import Download
from index.fetch.finds import Refusal, appraise
from index.fetch.routes import Address
from index.model import Reference

HERE = "https://a.example/rivers"


def test_a_page_of_too_many_tags_is_refused_and_not_judged():
    content = b"<html><body>" + b"<b>x</b>" * 300_000
    download = Download(HERE, HERE, 200, {}, "text/html", content, "2026-01-01T00:00:00+00:00", from_cache=False)
    found = appraise(download, Address(HERE, "landing_page"), Reference("1", "Rivers.", 0, 7, title="Rivers"))
    reason = "the text from a.example has more than 500 thousand tags and attributes"
    hint = "save its text as PDF or as plain text in UTF-8, or split it into several files"
    assert found == Refusal("unreadable", reason, hint)
