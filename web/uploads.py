"""What a form sends, with a file or without: the file is kept in the home, under a name of our own."""

import re
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from index.errors import SourceError
from index.extract import sniff_type
from index.settings import Settings
from index.storage import storage_errors
from web.jobs import Jobs
from web.texts import say

_FIELDS_MAX, _FIELD_MAX_BYTES = 12, 8 * 1024
_NAME_MAX_CHARS = 120
_SNIFFED_BYTES = 4096
_TOO_LARGE = 413
_READABLE = frozenset({"application/pdf", "text/html", "text/plain"})
# Control characters, and those that turn the direction of what follows; a name shows neither.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent.

    Attributes:
        fields: The first value of each field, without white space around it.
        file: Where its file lies; None where none was chosen.
        name: As what the file was sent, fit to be shown.
    """

    fields: Mapping[str, str]
    file: Path | None
    name: str

    def get(self, field: str) -> str:
        """Return a field's value; empty where it was not sent."""
        return self.fields.get(field, "")


async def read_form(request: Request, jobs: Jobs, settings: Settings) -> Sent:
    """Read a form; its file is streamed to the disk.

    Raises:
        HTTPException: It takes too long, or is no form.
        SourceError: The file is too large, empty or of no kind that can be read.
        StorageError: The home cannot be written.
    """
    try:
        async with request.form(max_files=1, max_fields=_FIELDS_MAX, max_part_size=_FIELD_MAX_BYTES) as form:
            return await _take(form, jobs, settings)
    except HTTPException as error:
        if error.status_code != _TOO_LARGE:
            raise
        raise _say_too_large(say("add.this_file"), settings) from error
    except UnicodeError as error:  # it names an encoding that says so of everything
        raise HTTPException(400) from error


async def _take(form: FormData, jobs: Jobs, settings: Settings) -> Sent:
    values = [(name, value) for name, value in reversed(form.multi_items()) if isinstance(value, str)]
    # Halves of characters come in by strange encodings, and could not be shown.
    fields = {name: value.encode(errors="replace").decode().strip() for name, value in values}
    file = next((value for value in form.values() if isinstance(value, UploadFile) and value.filename), None)
    if file is None:
        return Sent(fields, None, "")
    name = clean_name(file.filename or "")
    await run_in_threadpool(_check, file, name, settings)
    return Sent(fields, await run_in_threadpool(_keep, file, jobs), name)


def clean_name(name: str) -> str:
    """Return the bare name of a file, whatever system it comes from and whatever it was meant to do here."""
    bare = re.split(r"[/\\]", name)[-1]
    shown = "".join(" " if unicodedata.category(char) in _UNSHOWN else char for char in bare)
    stem, dot, suffix = " ".join(shown.split()).rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    stem, suffix = stem.strip(". ")[:_NAME_MAX_CHARS], suffix[:_NAME_MAX_CHARS]
    return f"{stem or say('add.unnamed')}{dot}{suffix}"


def _say_too_large(name: str, settings: Settings) -> SourceError:
    megabytes = settings.upload_max_bytes // 1_000_000
    return SourceError(say("refusal.too_large.message", file=name), say("refusal.too_large.hint", megabytes=megabytes))


def _check(file: UploadFile, name: str, settings: Settings) -> None:
    """Raise SourceError for what can be told at once not to be readable; the rest is told when it is read."""
    if (file.size or 0) > settings.upload_max_bytes:
        raise _say_too_large(say("add.named", file=name), settings)
    kind = sniff_type(file.file.read(_SNIFFED_BYTES))
    file.file.seek(0)
    if not file.size:
        raise SourceError(say("refusal.empty.message", file=name), say("refusal.empty.hint"))
    if kind not in _READABLE:
        raise SourceError(say("refusal.unreadable.message", file=name, kind=kind), say("refusal.unreadable.hint"))


def _keep(file: UploadFile, jobs: Jobs) -> Path:
    place = jobs.keep_file()
    try:
        with storage_errors(place), place.open("xb") as kept:
            shutil.copyfileobj(file.file, kept)
    except BaseException:
        jobs.discard(place)
        raise
    return place
