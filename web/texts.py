"""What pages say of themselves, by name; the words are in `languages/en.toml`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup, escape

FOLDER = Path(__file__).parent / "languages"


def load_texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language by name: section, a dot, key; of two that a count decides, `.one` and `.other`."""
    return dict(_flatten(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        found += _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]
    return found


_TEXTS = load_texts("en")


def say(name: str, **values: object) -> str:
    """Return a text with its values filled in; `n` chooses between the texts for one and for more.

    Raises:
        KeyError: There is no such text, or a value is missing.
    """
    if "n" in values and name not in _TEXTS:
        name = f"{name}.{'one' if values['n'] == 1 else 'other'}"
    text = _TEXTS[name]
    filled = {key: f"{value:,}" if key == "n" else value for key, value in values.items()}
    return text.format(**filled) if values else text


def show_code(text: str) -> Markup:
    """Return a text in HTML, with what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else p for n, p in enumerate(parts))
