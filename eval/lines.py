"""JSON lines, read so that whatever is wrong names its file and line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import DatasetError, shorten


@dataclass(frozen=True, slots=True)
class Line:
    """One object of a file; its methods return a field or raise DatasetError with `place` and the expected `form`."""

    place: str
    fields: Mapping[str, Any]
    form: str

    def find_id(self, name: str = "_id") -> str:
        """Return an id; a whole number counts as its digits."""
        value = self.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"has no text as {name!r}")
        return str(value)

    def find_text(self, *names: str, default: str | None = None) -> str:
        """Return the text of the first of these fields that is there; only one with a default may be empty."""
        name = next((name for name in names if name in self.fields), names[0])
        value = self.fields.get(name, default)
        if not isinstance(value, str) or not (value.strip() or default is not None):
            self.refuse(f"has no text as {name!r}")
        if not is_encodable(str(value)):
            self.refuse(f"has half a character (a lone surrogate) in {name!r}")
        return str(value)

    def find_offset(self, name: str) -> int:
        """Return a whole number from 0."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.refuse(f"has no offset (a whole number from 0) as {name!r}")
        return int(str(value))

    def find_objects(self, name: str) -> list["Line"]:
        """Return a list of objects, each as a line of its own at this place."""
        values = self.fields.get(name)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.refuse(f"has no list of objects as {name!r}")
        return [Line(self.place, value, self.form) for value in values or ()]

    def refuse(self, fault: str) -> None:
        """Raise DatasetError."""
        raise DatasetError(f"{self.place} {fault}", self.form)


def iter_lines(file: Path, form: str) -> Iterator[Line]:
    """Read the objects of a file, without blank lines.

    Args:
        file: UTF-8, one JSON object a line.
        form: What a line should look like, for messages.

    Yields:
        The objects in order, each with its place.

    Raises:
        DatasetError: The file cannot be read, or a line is no JSON object.
    """
    # Not splitlines: JSON may hold U+2028 and its like unescaped.
    for number, line in enumerate(read_text(file, form).split("\n"), 1):
        if line.strip():
            yield _parse(line, f"{file}:{number}", form)


def load_by_id(file: Path, form: str, id_field: str = "_id") -> dict[str, Line]:
    """Read all objects of a file by their ids.

    Raises:
        DatasetError: The file cannot be read or is empty, or a line is malformed or repeats an id.
    """
    lines: dict[str, Line] = {}
    for line in iter_lines(file, form):
        name = line.find_id(id_field)
        if name in lines:
            line.refuse(f"repeats the id {shorten(name)!r} of {lines[name].place}")
        lines[name] = line
    if not lines:
        raise DatasetError(f"{file} is empty", form)
    return lines


def read_text(file: Path, form: str) -> str:
    """Return a file's text.

    Raises:
        DatasetError: It is missing or no UTF-8 text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DatasetError(f"there is no file {file}", form) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {file} as UTF-8 text", form) from error


def is_encodable(text: str) -> bool:
    """Say whether `text` is whole characters, which JSON does not ensure."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _parse(line: str, place: str, form: str) -> Line:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{place} is no JSON ({error})", form) from error
    if not isinstance(fields, dict):
        raise DatasetError(f"{place} is no JSON object", form)
    return Line(place, fields, form)
