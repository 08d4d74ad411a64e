"""All that pages say stands in one file, and a file beside it is all that another language takes."""

import ast
import re
import time
import tomllib
import typing
from html.parser import HTMLParser

import httpx
import pytest
from jinja2 import nodes

from index.model import FetchRoute, FetchState
from index.settings import Settings
from web import texts
from web.app import create_app
from web.errors import own_fault
from web.frame import Theme
from web.render import FOLDER, environment
from web.style_names import FILES, STYLES
from web.texts import load_texts, say, show_code

TEXTS = load_texts("en")
TEMPLATES = sorted((FOLDER / "templates").iterdir())
FORMS = (".one", ".other")
# Attributes that are shown or read aloud.
SPOKEN = {"aria-label", "aria-description", "title", "placeholder", "alt", "label", "data-copied", "data-sign"}


def read_python(node):
    """Return the names of texts that an expression can be, as patterns."""
    match node:
        case ast.Constant(value=str(name)):
            return [re.escape(name)]
        case ast.JoinedStr(values=parts):
            return ["".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w-]+" for p in parts)]
        case ast.IfExp(body=one, orelse=other):
            return read_python(one) + read_python(other)
    return [rf"(?!){ast.unparse(node)}"]  # matches nothing: what is said is to be seen where it is said


def read_template(node):
    match node:
        case nodes.Const(value=str(name)):
            return [re.escape(name)]
        case nodes.Add(left=nodes.Const(value=str(stem)), right=_):
            return [re.escape(stem) + r"[\w-]+"]
        case nodes.CondExpr(expr1=one, expr2=other):
            return read_template(one) + read_template(other)
    return ["(?!)"]


def list_said():
    """Return what code and templates say: where, the name as a pattern, and the values."""
    said = []
    for path in FOLDER.glob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "say":
                values = {keyword.arg for keyword in call.keywords}
                said += [(path.name, name, values) for name in read_python(call.args[0])]
    for path in TEMPLATES:
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "say":
                values = {keyword.key for keyword in call.kwargs}
                said += [(path.name, name, values) for name in read_template(call.args[0])]
    return said


SAID = list_said()


def stem(name):
    """Return the name by which a text is called, whatever its count."""
    return next((name.removesuffix(form) for form in FORMS if name.endswith(form)), name)


def find_texts(pattern):
    return {name: text for name, text in TEXTS.items() if re.fullmatch(pattern, stem(name))}


def list_values(text):
    return set(re.findall(r"(?<!\{)\{(\w+)\}", text))


def test_what_is_said_is_there():
    assert [(where, name) for where, name, _ in SAID if not find_texts(name)] == []


def test_what_is_there_is_said():
    patterns = {pattern for _, pattern, _ in SAID}
    assert [name for name in TEXTS if not any(re.fullmatch(pattern, stem(name)) for pattern in patterns)] == []


def test_a_text_has_no_value_that_is_not_given():
    lacking = [
        (where, name, value)
        for where, pattern, given in SAID
        for name, text in find_texts(pattern).items()
        for value in list_values(text) - given
    ]
    assert lacking == []


def test_what_a_count_decides_has_both_forms():
    counted = {stem(name) for name in TEXTS if name.endswith(FORMS)}
    assert [name + form for name in counted for form in FORMS if name + form not in TEXTS] == []
    assert [where for where, pattern, given in SAID if "n" not in given and set(find_texts(pattern)) & counted] == []


@pytest.mark.parametrize(
    "name",
    [
        *(f"state.{state}" for state in typing.get_args(FetchState)),
        *(f"route.{route}" for route in typing.get_args(FetchRoute)),
        *(f"style.{style}" for style in STYLES),
        *(f"file.{form}" for form in FILES),
        *(f"theme.to_{theme}" for theme in typing.get_args(Theme)),
    ],
)
def test_each_of_a_kind_has_a_text(name):
    assert name in TEXTS


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 413, 500])
def test_each_fault_says_what_to_do(status):
    fault = own_fault(status)
    assert fault.message
    assert fault.hint


@pytest.mark.parametrize(
    ("n", "told"), [(0, "0 passages"), (1, "1 passage"), (2, "2 passages"), (12345, "12,345 passages")]
)
def test_a_count_chooses_the_text(n, told):
    assert say("home.passages", n=n) == told


def test_a_text_holds_markup_where_its_language_wants_it_and_escapes_all_else(monkeypatch):
    monkeypatch.setitem(texts.TEXTS, "note.wrong", "<{entry}> & {marker}")
    link = show_code("`x`")
    assert say("note.wrong", entry=link, marker="<b>") == "&lt;<code>x</code>&gt; &amp; &lt;b&gt;"
    assert say("note.wrong", entry="x", marker="<b>") == "<x> & <b>"


# Templates and scripts hold no words of their own.
class Words(HTMLParser):
    """Collects letters of a page: what stands between tags, and attributes that are shown or read aloud.

    With `is_drawn`, quoted content is passed over: it turns with its own direction, so it has one or is isolated. A
    block of a document has one too, but holds words of ours beside those that are quoted.
    """

    VOID: typing.ClassVar = {"meta", "link", "input", "br", "path", "circle"}

    def __init__(self, text, *, is_drawn):
        super().__init__()
        self.found = []
        self.is_drawn = is_drawn
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        classes = (attributes.get("class") or "").split()
        is_own = "block" in classes or tag == "html"
        is_quoted = not is_own and ("dir" in attributes or tag in {"bdi", "code"} or "words" in classes)
        # The window's title names what is shown; the sign of the house is the same in every language.
        is_passed = (is_quoted and self.is_drawn) or tag in {"title", "script"} or "brand" in classes
        if not self.is_passed:
            shown = {name: value for name, value in attributes.items() if name in SPOKEN and value}
            if is_passed or "copy" in classes:  # what a button copies is quoted
                shown.pop("title", None)
            self.found += [value for value in shown.values() if re.search("[A-Za-z]", value)]
        if tag not in self.VOID:
            self.open.append((tag, is_passed))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self.is_passed and re.search("[A-Za-z]", data):
            self.found.append(data.strip())

    @property
    def is_passed(self):
        return any(passed for _, passed in self.open)


def strip_expressions(path):
    """Return the HTML of a template alone: a figure in the place of each expression, no attribute of another's tag."""
    tokens = list(environment.lex(path.read_text(encoding="utf-8")))
    kept, before = [], []
    for _, kind, value in tokens:
        is_attribute = "block" in before and re.fullmatch(r'(?:\s+[\w-]+(?:="[^"]*")?)+', value)
        if kind == "variable_begin":
            kept.append("0")
        elif kind == "data" and not is_attribute:
            kept.append(value)
        before = [] if kind in {"data", "block_begin"} else [*before, value]
    return "".join(kept)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words(path):
    assert Words(strip_expressions(path), is_drawn=False).found == []


def test_words_in_a_template_would_be_found(tmp_path):
    for text in ("<p>Ask</p>", '<a title="Ask {{ x }}"></a>', '<input placeholder="Ask">', "<p dir=auto>Ask</p>"):
        (tmp_path / "one.html").write_text(text)
        assert Words(strip_expressions(tmp_path / "one.html"), is_drawn=False).found


def test_the_style_holds_no_words():
    style = (FOLDER / "static" / "ibid.css").read_text(encoding="utf-8")
    assert re.findall(r'content:[^;]*"[^";]*[A-Za-z][^";]*"', style) == []


def test_the_script_holds_no_words():
    script = (FOLDER / "static" / "ibid.js").read_text(encoding="utf-8")
    shown = r"(?:textContent|innerText|innerHTML|title|placeholder|alt|ariaLabel)\s*=\s*[\"'`]\w"
    assert re.findall(shown, script) == []


# A language whose letters are not ours: what is still in ours was not said from the file.
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
PAPER = "us-japan-science-technology-2021-2025"
QUESTION = "How much will Toyota invest?"
PAGES = [
    "/",
    f"/ask?q={QUESTION}",
    "/ask?q=How many cooperative projects have been implemented in life sciences?&k=3",
    f"/documents/{PAPER}",
    f"/documents/{PAPER}?at=9090-10069&mark=9188-9411",
    f"/documents/{PAPER}?at=9090-10069&is=moved",
    f"/documents/{PAPER}?find=Toyota",
    f"/documents/{PAPER}?find=nowhere",
    "/sources",
    "/papers",
    "/citations",
    f"/cite?at=7&at={PAPER}:9188-9411",
    "/cite?bibliography=1",
    "/docs",
    "/nothing",
]


def widen(text):
    return "".join(
        part if part.startswith(("{", "`")) else part.translate(WIDE) for part in re.split(r"(\{\w+\}|`[^`]*`)", text)
    )


def write_toml(table, prefix=""):
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"[{prefix}]"] if prefix else []
    lines += [f"{key} = {quote(value)}" for key, value in plain.items()]
    nested = (
        write_toml(value, f"{prefix}.{key}" if prefix else key)
        for key, value in table.items()
        if isinstance(value, dict)
    )
    return "\n".join([*lines, *nested])


def quote(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.fixture
def translated(tmp_path, monkeypatch):
    """Load a file of wide letters in place of the English one."""

    def change(value):
        return {key: change(inner) for key, inner in value.items()} if isinstance(value, dict) else widen(value)

    table = tomllib.loads((texts.FOLDER / "en.toml").read_text(encoding="utf-8"))
    (tmp_path / "wide.toml").write_text(write_toml(change(table)), encoding="utf-8")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    monkeypatch.setattr(texts, "TEXTS", load_texts("wide"))


@pytest.mark.model
@pytest.mark.server
@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_another_language_has_no_english_around_what_it_quotes(client, translated, path):
    shown = client.get(path).text
    assert Words(shown, is_drawn=True).found == []
    assert re.search("[ａ-ｚ]", shown)


@pytest.fixture(scope="module")
def talk(home, tmp_path_factory, serving):
    """Give a conversation: what it is asked through, and its address."""
    folder = tmp_path_factory.mktemp("talk")
    for part in home.iterdir():
        (folder / part.name).symlink_to(part, target_is_directory=part.is_dir())
    with (
        serving(create_app(Settings(home=folder, threshold=0.0))) as url,
        httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client,
    ):
        thread = client.post("/ask", data={"q": QUESTION}).url.path
        asked_on = client.post("/ask", data={"q": "And when?", "conversation": thread.rpartition("/")[2]})
        assert 'class="reading"' in asked_on.text
        yield client, thread


@pytest.mark.model
@pytest.mark.server
@pytest.mark.parametrize("path", ["/", "/conversations", "{0}", "{0}?read={1}&at=9090-10069", "{0}/remove"])
def test_a_conversation_in_another_language_has_no_english_around_what_it_quotes(talk, translated, path):
    client, thread = talk
    found = client.get(path.format(thread, PAPER))
    assert found.status_code == 200
    assert Words(found.text, is_drawn=True).found == []


@pytest.fixture(scope="module")
def adding(model_folder, tmp_path_factory, serving):
    """Give what asks a home that holds no paper at first."""
    home = tmp_path_factory.mktemp("adding")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    with (
        serving(create_app(Settings(home=home, threshold=0.0))) as url,
        httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client,
    ):
        yield client


@pytest.mark.model
@pytest.mark.server
def test_adding_a_paper_in_another_language_has_no_english_around_what_it_quotes(adding, translated):
    seen = [
        adding.get("/"),
        adding.post("/papers"),
        adding.post("/papers", files={"file": ("a.md", "# Herons\n\nFly.")}),
    ]
    job, ends = seen[-1].url.path, time.monotonic() + 60
    while "/cancel" in (last := adding.get(job)).text:
        assert time.monotonic() < ends
        time.sleep(0.1)
    seen += [last, *(adding.get(path) for path in ("/papers", "/papers/a/remove", "/jobs/none"))]
    assert [Words(page.text, is_drawn=True).found for page in seen] == [[]] * len(seen)
    assert [page.status_code for page in seen] == [200, 422, 200, 200, 200, 200, 404]


@pytest.mark.model
@pytest.mark.server
@pytest.mark.parametrize("path", PAGES)
def test_that_english_would_be_found(client, path):
    assert Words(client.get(path).text, is_drawn=True).found


@pytest.mark.model
@pytest.mark.server
def test_a_translation_is_as_complete_as_its_file(translated):
    assert load_texts("wide").keys() == TEXTS.keys()
