import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qa.answer import answer_question
from qa.pandoc import find_pandoc
from qa.transcript import MEDIA_TYPES, export_conversation, name_file
from qa.turns import Conversation, Turn, read_conversation

pytestmark = pytest.mark.model

WHEN = "2026-07-01T12:00:00.000000+00:00"
# What means something in Markdown, HTML, TeX or RTF, at the beginning of a line and inside it.
HOSTILE = [
    "# heading", "## 1. x", "- item", "+ item", "* item", "1. item", "1) item", "(1) item", "(a) item", "a. item",
    "i. item", "#. item", "(@) item", "> quote", ">> quote", "===", "---", "***", "___", ": definition", "~ definition",
    "::: box", ":::", "```", "~~~ {.raw}", "    code", "| line", "| a | b |\n|---|---|", "+---+---+", "% title",
    "Table: caption", "[^1]: note", "[a]: http://evil.example", "---\ntitle: x\n---", "a  \nb", "a\\\nb", "a\n===",
    "a\n---", "a\n: b", "**bold**", "*x*", "_x_", "`code`", "``", "$x$", "$$x$$", "~~out~~", "H~2~O", "x^2^",
    "[text](http://evil.example)", "![image](http://evil.example/x.png)", "[text][ref]", "[text]{.class}", "^[note]",
    "@smith2020", "[@smith2020]", "<http://evil.example>", "<b>bold</b>", "<script>alert(1)</script>", "<!-- x", "-->",
    "</blockquote></main>", "</style>", "<img src=x onerror=alert(1)>", "&amp;", "&lt;b&gt;", "&copy;", "&#60;", "\\",
    "\\\\", "\\*", "\\begin{x}", "\\input{/etc/passwd}", "{\\rtf1 x}", "{=html}", "{.class #id}", "[", "]", "(", ")",
    '"', "'", "``x''", "don't", "...", "--", "C#", "x #", "# #", "!", "![", "a_b_c", "http://evil.example/a_b", "2 * 3",
    "ع #", "\u202etxt", "نص", "中文。", "naïve", "\u00a0x", "\u2028- x", "\x85# x", "\x0b> x", "\x01", "𝕏", "\t- x",
    "==mark==", "(http://evil.example/~a&b_c)", "https://evil.example/%zz&copy;*x*", "http://", "xhttp://evil.example.",
]  # fmt: skip
WORDS = st.lists(st.sampled_from([*HOSTILE, "word", "Word.", "\n", "\n\n", " "]), min_size=1, max_size=6)
TEXTS = st.tuples(WORDS, st.sampled_from(["", " ", "\n"])).map(lambda parts: parts[1].join(parts[0]))
# To make a failure smaller would take minutes: each try is a run of pandoc.
QUICK = {"deadline": None, "phases": (Phase.explicit, Phase.generate), "suppress_health_check": list(HealthCheck)}
BRIEFLY = settings(max_examples=25, **QUICK)


@pytest.fixture(scope="module")
def answers(index, toyota):
    """The answer to a question that the paper answers, and that to one which it does not."""
    from index.settings import Settings

    asked = Settings(home=index.folder)
    questions = (toyota, "What makes bread rise?")
    return [answer_question(index, question, asked, k=2) for question in questions]


def converse(*answers, title="Who pays?", **fields):
    turns = (
        Turn(n, answer.question, answer.read_as, 5, "all", answer, WHEN, {}) for n, answer in enumerate(answers, 1)
    )
    return Conversation("id", title, "a-paper", WHEN, WHEN, tuple(replace(turn, **fields) for turn in turns))


def poison(answer, text):
    """Return an answer in which all that comes from people or documents is this text."""
    start = len(text) // 3
    passages = tuple(
        replace(
            passage,
            text=text,
            document=replace(passage.document, title=text),
            locator=replace(passage.locator, section=text, path=(text, text)),
            highlights=tuple(replace(mark, start=start, end=2 * start) for mark in passage.highlights[:1]),
            citation=replace(passage.citation, text=f"{text} {passage.citation.url}"),
            markers=tuple(replace(m, text=text, verdict="mismatch", suggested="7") for m in passage.markers),
        )
        for passage in answer.passages
    )
    sentences = tuple(replace(sentence, text=text) for sentence in answer.answer.sentences)
    said = replace(answer.answer, text=text, sentences=sentences)
    return replace(answer, question=text, read_as=text, passages=passages, answer=said)


def shown(text):
    """Return the words that a reader should see of a text."""
    text = re.sub(r"[\x0b\x0c\x85\u2028]", " ", text).replace("\x01", "\ufffd")
    return "".join(text.split())


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = set(), [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data):
        raise AssertionError("no comment is written")

    def inside(self, tag):
        return [data for at, data in self.texts if at == tag]


def read_by_pandoc(markdown, reader):
    command = [find_pandoc(), f"--from={reader}", "--to=json"]
    done = subprocess.run(command, input=markdown.encode(), capture_output=True, check=True)
    return json.loads(done.stdout)["blocks"]


def walk(node):
    if isinstance(node, dict):
        if "t" in node:
            yield node
        node = node.get("c", [])
    if isinstance(node, list):
        for each in node:
            yield from walk(each)


def words_of(node):
    kinds = {"Space": " ", "SoftBreak": " ", "LineBreak": "\n"}
    return "".join(str(each["c"]) if each["t"] == "Str" else kinds.get(each["t"], "") for each in walk(node))


def test_a_turn_is_told_with_its_quote_citation_place_link_and_wrong_marker(answers):
    told = export_conversation(converse(answers[0]), "md")
    passage = answers[0].passages[0]
    sentence = answers[0].answer.text.replace("$", "\\$")
    assert told.startswith("# Who pays?\n\nA conversation about SCIENTIFIC AND TECHNOLOGICAL COOPERATION")
    assert "begun on 2026-07-01." in told
    assert f"## 1. {answers[0].question}\n\n**{sentence}** \\[1\\]\n\n> " in told
    assert f"manufacturing groups. **{sentence}** This arrangement" in told
    assert f"\\[1\\] {passage.citation.text.replace('https', '<https')}>" in told
    assert "› 2.2 Cooperation and development of the electric vehicle industry, paragraph 6 · [the original, at" in told
    assert f"at these words](<{passage.citation.deep_link}>)" in told
    assert "- The text marks this \\[13\\]; its words match entry 14 of the bibliography.\n" in told
    assert told.count("\n## Sources\n") == 1
    assert told.endswith("(2021-2025). <https://doi.org/10.37602/ijssmr.2025.8436>\n")


def test_the_entry_that_a_marker_means_is_quoted_where_it_is_known(answers):
    entries = {answers[0].passages[0].document.id: {"14": "14. Wired. (2025). Nissan. <https://www.wired.com/x>"}}
    told = export_conversation(converse(answers[0]), "md", entries=entries)
    assert "match entry 14 of the bibliography: Wired. (2025). Nissan. <https://www.wired.com/x>\n" in told


@pytest.mark.parametrize("form", ["md", "html"])
def test_it_is_said_where_the_sources_do_not_answer(answers, form):
    told = export_conversation(converse(answers[1]), form)
    assert "The sources do not answer this." in told
    assert "Nearest passages:" in told
    assert "Critical Minerals Agreement" in told


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_completed_question_is_told_as_it_was_read(answers, form):
    told = export_conversation(converse(replace(answers[0], read_as="How much, of Toyota?")), form)
    assert re.search(r"Read as: (<span dir=\"auto\">)?How much, of Toyota\?", told)
    assert "Read as" not in export_conversation(converse(*answers), form)


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_quote_that_is_in_doubt_is_marked_so(answers, form):
    passages = tuple(replace(passage, verbatim=False, highlights=()) for passage in answers[0].passages)
    told = export_conversation(converse(replace(answers[0], passages=passages)), form)
    assert told.count("Not verbatim:") == 2
    assert "Not verbatim" not in export_conversation(converse(answers[0]), form)


@pytest.mark.parametrize("form", ["md", "html"])
def test_an_address_that_is_none_of_the_web_is_no_link(answers, form):
    first, *others = answers[0].passages
    citation = replace(first.citation, url="javascript:alert(1)", deep_link="javascript:alert(2)")
    answer = replace(answers[0], passages=(replace(first, citation=citation), *others[:0]))
    told = export_conversation(converse(answer), form)
    assert "alert(2)" not in told
    assert "<javascript" not in told
    assert 'href="javascript' not in told


def test_each_source_is_listed_once_by_number(answers):
    first = answers[0].passages[0]
    other = replace(
        first,
        document=replace(first.document, title="Another"),
        citation=replace(first.citation, number=3, text="B (2020). Another. 2.2 Cooperation and development of the"
        " electric vehicle industry, para. 6. https://b.example", url="https://b.example"),
    )  # fmt: skip
    told = export_conversation(converse(answers[0], replace(answers[0], passages=(other, first))), "md")
    listed = told.partition("## Sources\n\n")[2].splitlines()
    assert [line[:12] for line in listed] == ["\\[1\\] TRAN A", "", "\\[3\\] B (202"]
    assert listed[2] == "\\[3\\] B (2020). Another. <https://b.example>"


def test_a_conversation_without_turns_can_be_exported():
    told = export_conversation(converse(title="Nothing yet"), "md")
    assert told == "# Nothing yet\n\nA conversation about a-paper, begun on 2026-07-01.\n"
    assert Page(export_conversation(converse(title="Nothing yet"), "html")).inside("h1") == ["Nothing yet"]


def test_json_holds_the_whole_conversation_and_its_sources(answers):
    conversation = converse(*answers, thumbs={0: False, 2: True})
    written = export_conversation(conversation, "json")
    fields = json.loads(written)
    assert (fields["format"], fields["version"]) == ("ibid conversation", 1)
    assert [source["number"] for source in fields["sources"]] == [1]
    assert fields["sources"][0]["url"] == "https://doi.org/10.37602/ijssmr.2025.8436"
    assert fields["turns"][0]["thumbs"] == {"0": False, "2": True}
    assert read_conversation(written) == conversation


@BRIEFLY
@given(text=TEXTS)
def test_json_comes_back_whatever_the_text(answers, text):
    conversation = converse(poison(answers[0], text), title=text)
    assert read_conversation(export_conversation(conversation, "json")) == conversation


@pytest.mark.parametrize("reader", ["markdown-smart", "markdown", "gfm", "commonmark"])
@settings(max_examples=12, **QUICK)
@given(texts=st.lists(TEXTS, min_size=6, max_size=6))
def test_no_text_breaks_out_of_markdown(answers, reader, texts):
    conversation = converse(*(poison(answers[n % 2], text) for n, text in enumerate(texts)), title=texts[0])
    blocks = read_by_pandoc(export_conversation(conversation, "md"), reader)
    plain = reader != "markdown"  # which makes typographic quotes and dashes
    titles = [words_of(block) for block in blocks if block["t"] == "Header"]
    quotes = [words_of(block) for block in blocks if block["t"] == "BlockQuote"]
    assert {block["t"] for block in blocks} <= {"Header", "Para", "Plain", "BlockQuote", "BulletList"}
    assert len(titles) == 1 + 6 + 1
    assert len(quotes) == 12
    inside = {node["t"] for block in blocks for node in walk(block)}
    harmless = "Header Para Plain BlockQuote BulletList Str Space SoftBreak LineBreak Strong Link".split()
    assert inside <= {*harmless, *(() if plain else ("Quoted", "SingleQuote", "DoubleQuote"))}
    links = {node["c"][2][0] for block in blocks for node in walk(block) if node["t"] == "Link"}
    assert [link for link in links if not link.startswith(("http://", "https://"))] == []
    if plain:
        assert [shown(title) for title in titles[1:-1]] == [f"{n}.{shown(text)}" for n, text in enumerate(texts, 1)]
        assert [shown(quote) for quote in quotes[::2]] == [shown(text) for text in texts]


@BRIEFLY
@given(text=TEXTS)
def test_no_text_breaks_out_of_html(answers, text):
    page = Page(export_conversation(converse(poison(answers[0], text), poison(answers[1], text), title=text), "html"))
    assert page.open == []
    ours = "html head meta title style body main section article h1 h2 p span time strong blockquote mark br a ul li"
    assert page.tags <= set(ours.split())
    assert {name for _, name, _ in page.attributes} <= {
        "lang", "charset", "name", "content", "http-equiv", "dir", "class", "href", "rel",
    }  # fmt: skip
    assert {value.partition("#")[0] for _, name, value in page.attributes if name == "href"} == {
        "https://doi.org/10.37602/ijssmr.2025.8436"
    }
    assert shown("".join(page.inside("h1"))) == shown(text)


def test_the_page_asks_for_nothing_and_runs_nothing(answers):
    told = export_conversation(converse(*answers), "html")
    page = Page(told)
    assert "script" not in page.tags
    assert not re.search(r"url\(|@import|src=|<link|\son\w+=", told)
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert {"prefers-color-scheme", "@media print"} <= set(re.findall(r"prefers-color-scheme|@media print", told))


def test_the_sentence_that_answers_is_marked_in_its_passage(answers):
    page = Page(export_conversation(converse(answers[0]), "html"))
    assert page.inside("mark")[0] == answers[0].answer.text


@pytest.mark.parametrize(
    ("title", "name"),
    [("Who pays, and why?", "who-pays-and-why.md"), ("谁?", "conversation.md"), ("a/../b" * 30, None)],
)
def test_a_file_is_named_for_its_title(title, name):
    found = name_file(converse(title=title), "md")
    assert found == name or (name is None and re.fullmatch(r"[a-z0-9-]{1,60}\.md", found))
    assert set(MEDIA_TYPES) == {"md", "html", "json"}
