"""What pages say of themselves, by name; the words are in `languages/en.toml`.

Another language takes one step: put a file with the same names beside that one, and let `LANGUAGE` be its name. Its
`page.direction` turns the page; where it has other forms for counts than English, `_choose_form` learns them.

Some words stay English, for the command line and the API say them too: the messages of errors of `index` and `qa`, the
audit's pattern, notes and places of citations, the description of the API.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from markupsafe import Markup, escape

LANGUAGE = "en"
FOLDER = Path(__file__).parent / "languages"


def load_texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language by name: section, a dot, key; of two that a count decides, `.one` and `.other`."""
    return dict(_flatten(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        found += _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]
    return found


TEXTS = load_texts(LANGUAGE)


def say(name: str, /, **values: object) -> str:
    """Return a text with its values filled in; `n` chooses between the texts for one and for more.

    A value that is markup makes the text markup too, in which all else is escaped: so a sentence can hold a link
    wherever its language wants it.

    Raises:
        KeyError: There is no such text, or a value is missing.
    """
    if "n" in values and name not in TEXTS:
        name = f"{name}.{_choose_form(values['n'])}"
    text = TEXTS[name]
    if not values:
        return text
    filled = {key: _group_thousands(value) if key == "n" else value for key, value in values.items()}
    is_markup = any(isinstance(value, Markup) for value in values.values())
    return escape(text).format(**filled) if is_markup else text.format(**filled)


def _choose_form(n: object) -> str:
    return "one" if n == 1 else "other"


def _group_thousands(n: object) -> str:
    return f"{n:,}".replace(",", say("list.thousands"))


def join_list(parts: Iterable[str]) -> str:
    """Return what is not empty, as a list in running text."""
    return say("list.comma").join(part for part in parts if part)


def show_code(text: str) -> Markup:
    """Return a text in HTML, with what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else p for n, p in enumerate(parts))
