"""Stub."""

from typing import Any

from index.model import Reference


def to_csl(reference: Reference) -> dict[str, Any]:
    """Return nothing yet."""
    return {"id": reference.number}
