import base64
import hashlib
import re

import pytest

from web.render import FOLDER

STYLE = (FOLDER / "static" / "ibid.css").read_text(encoding="utf-8")
COLOURS = re.findall(r"--(\w[\w-]*): light-dark\((#\w{6}), (#\w{6})\);", STYLE)
LIGHT, DARK = ({colour[0]: colour[at] for colour in COLOURS} for at in (1, 2))
READ = [
    ("ink", "paper"),
    ("soft", "paper"),
    ("accent", "paper"),
    ("doubt", "paper"),
    ("paper", "accent"),
    ("ink", "wash"),
    ("ink", "tint"),
    ("accent", "wash"),
    ("accent", "tint"),
    ("doubt", "doubt-wash"),
]


def luminance(colour):
    """Return the relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), READ)
def test_what_is_read_has_a_contrast_of_at_least_four_and_a_half(colours, front, back):
    low, high = sorted((luminance(colours[front]), luminance(colours[back])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_the_style_asks_nothing_of_others():
    assert re.findall(r"@import|url\(", STYLE) == []


def test_the_style_turns_with_the_text():
    sides = r"(?:margin|padding|border)-(?:left|right)|(?<![-\w])(?:left|right):|(?:text-align|float): (?:left|right)"
    assert re.findall(sides, STYLE) == []
    shorthands = re.findall(r"(?:margin|padding): ([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);", STYLE)
    assert [sizes for sizes in shorthands if sizes[1] != sizes[3]] == []


def test_the_vendored_script_is_the_published_one():
    found = hashlib.sha384((FOLDER / "static" / "htmx.min.js").read_bytes()).digest()
    # Of dist/htmx.min.js in htmx.org-4.0.1.tgz, which npm's own checksum covers; the README there still has 4.0.0's.
    wanted = "Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
    assert base64.b64encode(found).decode() == wanted


def test_no_template_has_a_style_or_script_of_its_own():
    for path in (FOLDER / "templates").iterdir():
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"<style|\bstyle=|\bon[a-z]+=|<script(?! src=)|\|\s*safe|hx-on", text) == [], path.name
