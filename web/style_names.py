"""Styles and files of citations, in the order in which they are offered; the texts call them as people do."""

from qa.citations import Form

# By a name that `qa.styles` knows.
STYLES = ("apa", "mla", "chicago", "chicago-notes", "ieee", "harvard", "vancouver")
FILES: tuple[Form, ...] = ("bibtex", "biblatex", "ris", "csl-json")
