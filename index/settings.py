"""Settings: one frozen record, each field with its default, unit and reason, read from the environment.

A dataclass and not pydantic-settings: importing that takes a quarter of a cold `ibid ask`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from index.errors import SettingError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def _default_home() -> Path:
    # Imported where it is needed: a home that is set does without.
    import platformdirs

    return Path(platformdirs.user_data_dir("ibid"))


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set, by environment variables named `IBID_` and the field in capitals.

    Attributes:
        home: Folder of the papers with their indexes, of exported models and caches.
        index: Folder of one paper and its index, instead of those in `home`.
        paper: The paper to ask, by its name or a part of its name or title; None for the one in use.
        model: A sentence-transformers model: the bundled default, a folder, or a hub name. Shapes the index.
        window_tokens: cl100k tokens that windows aim at: about two sentences, the grain of an answer. Shapes the index.
        passage_tokens: cl100k tokens that a passage holds at most: what a reader takes in at once. Shapes the index.
        context_tokens: cl100k tokens read in one pass, so that each passage is understood among its neighbours.
            Shapes the index.
        dense_weight: Share of the embedding in the hybrid score, 0 (words only) to 1 (embeddings only).
        candidates: Passages that each of the two searches hands to the fusion; bounds the work per question.
        reranker: A sentence-transformers CrossEncoder, by folder or hub name, that orders the first passages anew. None
            (in the environment "off", or unset): reading each passage takes many times as long as all else.
        reranked: Passages that the reranker reads; the time that it takes grows with them.
        threshold: Confidence from which the sources count as answering the question, 0 to 1. The confidence is the
            probability that the first passage answers, for questions of which half have an answer; so .5 calls a
            question unanswered when that is the likelier case, and a higher one asks for more evidence.
        contact: A mail address that servers are told, so that their owners can complain, and that Unpaywall asks for.
            None leaves Unpaywall out.
        fetch_timeout_s: Seconds that one URL may take in all, redirects and retries included.
        fetch_max_bytes: Bytes, decompressed, that one answer may have: more than nearly any paper, less than memory.
        fetch_delay_s: Seconds between two requests to one host, unless its robots.txt asks for more.
        fetch_hosts: Hosts that are asked at the same time.
        upload_max_bytes: Bytes that a file may have that is sent to the server: as much as is fetched.
        complete: Whether fields that an entry does not print are asked for at doi.org, Crossref, DataCite and arXiv.
    """

    home: Path = field(default_factory=_default_home)
    index: Path | None = None
    paper: str | None = None
    model: str = DEFAULT_MODEL
    window_tokens: int = 60
    passage_tokens: int = 200
    context_tokens: int = 400
    dense_weight: float = 0.4
    candidates: int = 250
    reranker: str | None = None
    reranked: int = 20
    threshold: float = 0.5
    contact: str | None = None
    fetch_timeout_s: float = 30.0
    fetch_max_bytes: int = 25_000_000
    fetch_delay_s: float = 1.0
    fetch_hosts: int = 16
    upload_max_bytes: int = 25_000_000
    complete: bool = False

    @property
    def papers_folder(self) -> Path:
        """Folder that holds a folder per paper."""
        return self.home / "papers"

    @property
    def models_folder(self) -> Path:
        """Folder that holds exported models."""
        return self.home / "models"

    def shape(self) -> dict[str, str | int]:
        """Return the settings that shape an index; they are stored in it and compared on open."""
        return {
            "model": self.model,
            "window_tokens": self.window_tokens,
            "passage_tokens": self.passage_tokens,
            "context_tokens": self.context_tokens,
        }


_BOUNDS: dict[str, tuple[float, float]] = {
    "window_tokens": (8, 500),
    "passage_tokens": (16, 2000),
    "context_tokens": (16, 2000),
    "dense_weight": (0, 1),
    "candidates": (10, 10_000),
    "reranked": (1, 100),
    "threshold": (0, 1),
    "fetch_timeout_s": (1, 600),
    "fetch_max_bytes": (100_000, 1_000_000_000),
    "fetch_delay_s": (0, 60),
    "fetch_hosts": (1, 64),
    "upload_max_bytes": (100_000, 50_000_000),
}
_SWITCH = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingError: A value is not of the field's type or out of its bounds.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for item in fields(Settings):
        name = f"IBID_{item.name.upper()}"
        if environ.get(name):
            values[item.name] = _parse(item.name, name, environ[name])
    return Settings(**values)  # type: ignore[arg-type]


def _parse(field_name: str, name: str, value: str) -> object:
    if field_name in ("home", "index"):
        return Path(value).expanduser().absolute()
    if field_name in ("model", "paper", "reranker"):
        return None if (field_name, value) == ("reranker", "off") else value
    if field_name == "contact":
        return _check_contact(name, value)
    if field_name == "complete":
        if value.casefold() not in _SWITCH:
            raise SettingError(f"{name} is {value!r}", "set it to on or off")
        return _SWITCH[value.casefold()]
    low, high = _BOUNDS[field_name]
    whole = isinstance(getattr(Settings(home=Path()), field_name), int)
    try:
        number = int(value) if whole else float(value)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        kind = "a whole number" if whole else "a number"
        raise SettingError(f"{name} is {value!r}", f"set it to {kind} from {low:g} to {high:g}")
    return number


def _check_contact(name: str, value: str) -> str:
    if not re.fullmatch(r"[!-~]+@[!-~]+\.[!-~]+", value):
        raise SettingError(f"{name} is {value!r}", "set it to a mail address at which you can be reached")
    return value
