"""The exception tree: every failure that Ibid foresees, drawn once.

Each error says what failed, with its value, and what to do next. The command line prints `IbidError` as one line and
exits with 2; the server answers with `http_status` and the shape of `to_json`. Anything else is a bug and crashes.

    IbidError
    ├── QuestionError        the question, k or source cannot be used
    ├── LocatorError         the locator names no place in the index
    ├── StyleError           no citation style goes by that name
    ├── CitationError        what is to be cited, or its form, cannot be had
    ├── SourceError          a file or folder to index cannot be read
    ├── DatasetError         a dataset of the eval cannot be used
    ├── SettingError         a setting has a value that cannot be used
    ├── ModelError           a model cannot be loaded or used
    ├── NoIndexError         there is no index yet
    ├── PaperError           no paper, or more than one, goes by that name
    ├── NetworkError         what was asked for cannot be fetched
    ├── DamagedIndexError    a file of the index is missing or changed
    ├── ForeignIndexError    the index was built with other settings
    ├── BuildRunningError    another build holds the index
    ├── JobsFullError        the server has as much to do as it takes on
    ├── AddingOffError       this server lets nobody add papers
    ├── StorageError         the disk is full or read-only
    ├── NoConversationError  no conversation, or no turn of it, goes by that name
    ├── ConversationError    a conversation cannot take what is to be kept in it
    ├── LedgerError          the file of conversations is foreign, damaged or of a later version
    └── PortTakenError       the server's port is in use
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

_NAMES_LISTED = 12


class IbidError(Exception):
    """A foreseen failure: what went wrong, and what to do next."""

    kind: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint

    def to_json(self) -> dict[str, dict[str, str]]:
        """Return the one JSON shape of an error."""
        return {"error": {"kind": self.kind, "message": self.message, "hint": self.hint}}


class QuestionError(IbidError):
    """The question, k or source cannot be used."""

    kind = "bad_question"
    http_status = 422


class LocatorError(IbidError):
    """The locator names no place in the index."""

    kind = "bad_locator"
    http_status = 404

    def __init__(self, locator: str) -> None:
        super().__init__(
            f"no place {shorten(locator)!r} in the index",
            "copy a locator from an answer, or list the documents with `ibid sources`",
        )


class StyleError(IbidError):
    """No citation style goes by that name."""

    kind = "unknown_style"
    http_status = 422

    def __init__(self, wanted: str, near: Sequence[str]) -> None:
        names = f"name another, such as {', '.join(near)}" if near else "name one of apa, mla, chicago, ieee, harvard"
        super().__init__(
            f"there is no citation style {shorten(wanted)!r}",
            f"{names}, or the file name of any style of the Citation Style Language",
        )


class CitationError(IbidError):
    """What is to be cited is not there, or cannot be had in the form that is asked for."""

    kind = "bad_citation"
    http_status = 422


class SourceError(IbidError):
    """A file or folder to index cannot be read."""

    kind = "bad_source"
    http_status = 422


class DatasetError(IbidError):
    """A dataset of the eval cannot be used."""

    kind = "bad_dataset"
    http_status = 422


class SettingError(IbidError):
    """A setting has a value that cannot be used."""

    kind = "bad_setting"


class ModelError(IbidError):
    """A model cannot be loaded or used."""

    kind = "bad_model"
    http_status = 503


class NoIndexError(IbidError):
    """There is no index yet."""

    kind = "no_index"
    http_status = 503

    def __init__(self, folder: Path, hint: str = "make one with `ibid build`") -> None:
        super().__init__(f"there is no index in {folder}", hint)


class PaperError(IbidError):
    """No paper of the home, or more than one, goes by that name."""

    kind = "no_paper"
    http_status = 404

    def __init__(self, wanted: str, names: Sequence[str]) -> None:
        listed = ", ".join(names[:_NAMES_LISTED]) + (", …" if len(names) > _NAMES_LISTED else "")
        super().__init__(
            f"no single paper goes by {shorten(wanted)!r}",
            f"name one of: {listed}" if names else "make one with `ibid build`",
        )


class NetworkError(IbidError):
    """A paper that was asked for by its address cannot be fetched."""

    kind = "network"
    http_status = 502

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"cannot fetch {shorten(address, 200)}: {reason}",
            "check the address and the network, or save the paper as a file and build that: ibid build FILE",
        )


class DamagedIndexError(IbidError):
    """A file of the index is missing or changed."""

    kind = "damaged_index"
    http_status = 503

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"the index is damaged: {file} {reason}", "rebuild it with `ibid build --fresh`")


class ForeignIndexError(IbidError):
    """The index was built with other settings than those in force."""

    kind = "foreign_index"
    http_status = 503

    def __init__(self, field: str, stored: object, wanted: object) -> None:
        wish = "this version reads" if field == "format" else "the settings say"
        keep = "" if field == "format" else f", or set IBID_{field.upper()}={stored}"
        super().__init__(
            f"the index was built with {field} {stored}, {wish} {wanted}", f"rebuild it with `ibid build`{keep}"
        )


class BuildRunningError(IbidError):
    """Another build holds the index."""

    kind = "build_running"
    http_status = 409

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another build is at work in {folder}", "wait for it to end, or build elsewhere with --index")


class JobsFullError(IbidError):
    """The server has as many works to do as it takes on."""

    kind = "jobs_full"
    http_status = 429

    def __init__(self, unfinished: int) -> None:
        super().__init__(f"{unfinished} works are under way or wait already", "wait for one to end, or cancel one")


class AddingOffError(IbidError):
    """This server lets nobody change what it holds."""

    kind = "adding_off"
    http_status = 403

    def __init__(self, reason: str = "it answers others than this machine") -> None:
        super().__init__(
            f"papers cannot be added or changed on this server: {reason}",
            "start it with `ibid serve --allow-adding`, or add them with `ibid build`",
        )


class StorageError(IbidError):
    """The disk is full, or the folder cannot be written."""

    kind = "storage"
    http_status = 507

    def __init__(
        self,
        path: Path,
        reason: str,
        hint: str = "free some space or point IBID_HOME or --index at a folder that can be written; any old index is "
        "untouched",
    ) -> None:
        super().__init__(f"cannot write to {path}: {reason}", hint)


class NoConversationError(IbidError):
    """No conversation of this owner, or no turn of it, goes by that name."""

    kind = "no_conversation"
    http_status = 404

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"there is no conversation {shorten(wanted)!r}", "choose one from the list, or ask to begin a new one"
        )


class ConversationError(IbidError):
    """A conversation cannot take what is to be kept in it: a title, a turn, a judgement."""

    kind = "bad_conversation"
    http_status = 422


class LedgerError(IbidError):
    """The file of conversations is foreign, damaged, or of a later version."""

    kind = "bad_ledger"
    http_status = 503

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"the file of conversations {file} {reason}",
            "update Ibid, or move the file away to begin a new one; questions are answered without it",
        )


class PortTakenError(IbidError):
    """The server's address is in use or cannot be had."""

    kind = "port_taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: {reason}",
            f"choose another address with --host and --port, such as --port {port % 65535 + 1}",
        )


def shorten(text: str, limit: int = 60) -> str:
    """Return `text` cut to `limit` characters, for use in a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
