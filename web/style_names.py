"""Styles and files of citations, as people call them, in the order in which they are offered."""

from collections.abc import Mapping

from qa.citations import Form

# By a name that `qa.styles` knows.
STYLES: Mapping[str, str] = {
    "apa": "APA",
    "mla": "MLA",
    "chicago": "Chicago, author and date",
    "chicago-notes": "Chicago, notes",
    "ieee": "IEEE",
    "harvard": "Harvard",
    "vancouver": "Vancouver",
}
FILES: Mapping[Form, str] = {"bibtex": "BibTeX", "biblatex": "BibLaTeX", "ris": "RIS", "csl-json": "CSL-JSON"}
