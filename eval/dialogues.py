"""Dialogues: files of `{"id", "turns": [{"question", "answers": [...], "standalone": true}]}`, one a line.

The first turn sets a topic. A later one leaves open what the turns before say, or is `standalone`: it has
another topic, and is to be read as it is.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from eval.lines import Line, iter_lines, load_by_id
from eval.questions import find_answers

_FORM = (
    'each line is {"id": "…", "turns": [{"question": "…", "answers": ["…"]}, …]}, two turns or more; '
    'one that has another topic than those before is {…, "standalone": true}'
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a dialogue; any of `answers` inside a passage, case and white space folded, answers it."""

    question: str
    answers: tuple[str, ...]
    is_standalone: bool


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Questions that one person asks one after the other."""

    id: str
    turns: tuple[Turn, ...]
    place: str = ""


def is_dialogues(file: Path) -> bool:
    """Say whether a file holds dialogues, by its first line."""
    return file.is_file() and any("turns" in line.fields for line in islice(iter_lines(file, _FORM), 1))


def load_dialogues(file: Path) -> tuple[Dialogue, ...]:
    """Read a file of dialogues.

    Raises:
        DatasetError: It is missing or empty, or a line is malformed; the message names file and line.
    """
    return tuple(Dialogue(name, _find_turns(line), line.place) for name, line in load_by_id(file, _FORM, "id").items())


def _find_turns(line: Line) -> tuple[Turn, ...]:
    turns = tuple(_find_turn(each) for each in line.find_objects("turns"))
    if len(turns) < 2:  # noqa: PLR2004 - a topic and what is asked after it
        line.refuse("has fewer than two 'turns'")
    return turns


def _find_turn(line: Line) -> Turn:
    is_standalone = line.fields.get("standalone", False)
    if not isinstance(is_standalone, bool):
        line.refuse("has something else than true or false as 'standalone'")
    answers = find_answers(line)
    if not answers:
        line.refuse("has a turn without 'answers'")
    return Turn(line.find_text("question"), answers, is_standalone)
