"""Blocks of the README that a command writes: what stands between `<!-- name -->` and `<!-- /name -->`."""

from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def find_block(text: str, name: str) -> str:
    """Return what stands between the markers."""
    begin, end = _mark(name)
    return text.split(begin, 1)[1].split(end, 1)[0].strip()


def insert_block(text: str, name: str, block: str) -> str:
    """Return a text with `block` between the markers, in place of what stood there."""
    begin, end = _mark(name)
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n{block}\n{end}{rest.split(end, 1)[1]}"


def update_readme(name: str, block: str, readme: Path = README) -> None:
    """Write a block into the README."""
    readme.write_text(insert_block(readme.read_text(encoding="utf-8"), name, block), encoding="utf-8")


def _mark(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- /{name} -->"
