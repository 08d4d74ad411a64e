"""Bibliographies: split into entries, read in whatever style they are printed, the same works recognised."""

from index.references.bibliography import split_bibliography
from index.references.duplicates import find_same_works
from index.references.entry import parse_reference
from index.references.identifiers import find_doi, find_url

__all__ = ["find_doi", "find_same_works", "find_url", "parse_reference", "split_bibliography"]
