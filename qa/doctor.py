"""Check that everything which answering and building need is in place."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, fields

from index.bundle import find_bundle, load_manifest, open_index
from index.errors import IbidError
from index.library import find_folder
from index.settings import Settings
from index.stamps import check_files
from qa.rerank import open_reranker

_SPACE_MIN_BYTES = 500_000_000
_NETWORK_TIMEOUT_S = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; `hint` says how to mend it where it is not right."""

    name: str
    ok: bool
    found: str
    hint: str = ""


def check_health(settings: Settings) -> tuple[Check, ...]:
    """Check settings, disk, model, index, network, styles, and the reranker if one is set, each on its own."""
    checks = (
        _check_settings(settings),
        _check_disk(settings),
        _attempt("index files", lambda: _read_index(settings)),
        _attempt("index and model", lambda: _open(settings)),
        _check_network(),
        _check_styles(),
    )
    return checks if settings.reranker is None else (*checks, _attempt("reranker", lambda: _try_reranker(settings)))


def _attempt(name: str, act: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, found=act())
    except IbidError as error:
        return Check(name, ok=False, found=error.message, hint=error.hint)


def _check_settings(settings: Settings) -> Check:
    changed = [f"IBID_{field.name.upper()}" for field in fields(settings) if f"IBID_{field.name.upper()}" in os.environ]
    found = f"home {settings.home}, model {settings.model}"
    return Check("settings", ok=True, found=f"{found}; set here: {', '.join(changed) or 'none'}")


def _check_disk(settings: Settings) -> Check:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    if not os.access(folder, os.W_OK):
        return Check("disk", ok=False, found=f"{folder} is read-only", hint="asking works; to build, set IBID_HOME")
    free = shutil.disk_usage(folder).free
    enough = free >= _SPACE_MIN_BYTES
    return Check(
        "disk", ok=enough, found=f"{free // 1_000_000:,} MB free in {folder}", hint="" if enough else "free some"
    )


def _read_index(settings: Settings) -> str:
    bundle = find_bundle(find_folder(settings))
    manifest = load_manifest(bundle)
    check_files(bundle, manifest.files, thorough=True)
    return f"{bundle.name}: {len(manifest.files)} files, all as built"


def _open(settings: Settings) -> str:
    index = open_index(settings)
    card = index.encoder.card
    counts = f"{index.manifest.documents} documents, {index.manifest.passages} passages"
    return f"{counts}; {card.model} as {card.precision}, cosine to the original at least {card.agreement:.3f}"


def _check_styles() -> Check:
    """Say whether citations come in styles; without pandoc they come in a plain form, which is no fault."""
    from qa.pandoc import PandocError, find_pandoc

    try:
        found = f"citations in any style, by {find_pandoc()}"
    except PandocError as error:
        found = f"citations in a plain form only: {error}; pip install pypandoc-binary brings styles"
    return Check("styles", ok=True, found=found)


def _try_reranker(settings: Settings) -> str:
    reranker = open_reranker(settings)
    if reranker is not None:
        reranker.score("Who wrote this?", ["It was written in Kyoto."])
    return f"{settings.reranker} orders the first {settings.reranked} passages anew"


def _check_network() -> Check:
    """Offline is a normal state: nothing is needed from the network to build or to answer."""
    try:
        socket.create_connection(("doi.org", 443), timeout=_NETWORK_TIMEOUT_S).close()
    except OSError:
        return Check("network", ok=True, found="offline; building and asking need no network")
    return Check("network", ok=True, found="online")
