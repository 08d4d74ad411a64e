"""A second reader: a cross encoder that reads question and passage together, and orders the first passages anew.

None is set by default: it makes an answer slower, and needs torch. Only this file knows sentence-transformers'
CrossEncoder, which is imported when one is set.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import ModelError
from index.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# Pairs that are read at once: bounds the memory, and on a processor more are no faster.
_BATCH = 16
_HINT = "set IBID_RERANKER to a sentence-transformers CrossEncoder by folder or name, or leave it unset for none"
_opening = Lock()


class Reranker(Protocol):
    """Judges how well texts answer a question, reading both together."""

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a score per text in the order given, higher is better, comparable for this question only."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder with one label; safe to share between threads, which take turns."""

    def __init__(self, name: str) -> None:
        """Load the model from a folder, or by its name from the hub or what was downloaded from there.

        Raises:
            ModelError: It is missing, damaged, or no cross encoder with one label.
        """
        self._name = name
        self._turn = Lock()  # two threads cannot use one tokenizer at once
        self._model = _load(name)
        _check_head(self._model, name)

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a score per text in the order given; a text too long for the model is cut.

        Raises:
            ModelError: The model gives something that is no number.
        """
        pairs = [(question, text) for text in texts]
        with self._turn:
            scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        if np.isnan(scores).any():
            raise ModelError(f"the reranker {self._name} gives scores that are no numbers", _HINT)
        return np.asarray(scores, np.float32)


def open_reranker(settings: Settings) -> Reranker | None:
    """Return the reranker that is set, loaded once in a process; None where none is set.

    Raises:
        ModelError: It cannot be used.
    """
    if settings.reranker is None:
        return None
    with _opening:  # or two first questions at once would load it twice
        return _open(settings.reranker)


@cache
def _open(name: str) -> Reranker:
    return CrossEncoderReranker(name)


def _load(name: str) -> "CrossEncoder":
    from index.export import hush

    folder = Path(name).expanduser()
    local = folder.is_dir()
    try:
        with hush():
            from sentence_transformers import CrossEncoder

            model: CrossEncoder = CrossEncoder(str(folder) if local else name, local_files_only=local)
            return model
    except Exception as error:  # four libraries raise types of their own, all meaning the same here
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(f"cannot load the reranker {name}: {reason}", _HINT) from error


def _check_head(model: "CrossEncoder", name: str) -> None:
    """Raise ModelError unless the model gives one score that was trained.

    A plain encoder loads as well, with a head of random weights: it was saved as another class than it is loaded as.
    """
    if model.num_labels != 1:
        raise ModelError(f"the reranker {name} gives {model.num_labels} labels, not one score", _HINT)
    saved = getattr(model.model, "config", None)
    classes = getattr(saved, "architectures", None) or [type(model.model).__name__]
    if type(model.model).__name__ not in classes:
        raise ModelError(f"the reranker {name} is a {classes[0]}, which is no cross encoder", _HINT)
