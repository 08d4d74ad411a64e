"""Markers in running text, each with the entries that it names, its sentence and its clause."""

from index.markers.find import find_markers

__all__ = ["find_markers"]
