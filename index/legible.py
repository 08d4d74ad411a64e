"""Text without the characters that are no text: lone surrogates, and controls such as those that steer a terminal."""

import re

_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
# These part words, as a space does.
_SPACE = re.compile("[\x0b-\x0d\x1c-\x1f\x85]")


def make_legible(text: str) -> str:
    """Return a text without lone surrogates and control characters; line breaks, tabs and spaces stay."""
    return _CONTROL.sub("", _SPACE.sub(" ", text))
