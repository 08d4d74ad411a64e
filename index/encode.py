"""Encoders: texts to unit vectors. This file knows onnxruntime and tokenizers; torch is not needed to answer."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from index.errors import ModelError

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "encoder.json"
# Small batches of texts of like length: padding is what costs on a processor.
_BATCH_SIZE = 8


class Encoder(Protocol):
    """Turns texts into unit vectors that can be compared by their inner product."""

    @property
    def card(self) -> "EncoderCard":
        """What the encoder is."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit row per text, float32 of shape (len(texts), dimension)."""
        ...

    def encode_question(self, question: str) -> npt.NDArray[np.float32]:
        """Return the unit vector of a question, float32 of shape (dimension,)."""
        ...

    def read_question(self, question: str) -> tuple[npt.NDArray[np.float32], list[str], npt.NDArray[np.float32]]:
        """Return the unit vector of a question, its word pieces and their unit vectors (rows), in one pass."""
        ...

    def encode_words(self, text: str) -> tuple[list[str], npt.NDArray[np.float32]]:
        """Return the word pieces of a text and the unit vector of each in this text, float32 of shape (pieces, n)."""
        ...


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What an exported encoder is, stored beside it.

    Attributes:
        model: The name or folder it was exported from.
        weights_sha256: SHA-256 of the weights that it was exported from.
        precision: "int8", or "float32" where int8 strayed too far.
        dimension: Length of a vector.
        max_tokens: Word pieces that one text may have; what is beyond is not encoded.
        inputs: Names of the model's inputs.
        agreement: Smallest cosine between its vectors and those of the original, on the export's sample texts.
        passage_prompt: What the model wants before a passage.
        question_prompt: What the model wants before a question.
    """

    model: str
    weights_sha256: str
    precision: str
    dimension: int
    max_tokens: int
    inputs: tuple[str, ...]
    agreement: float
    passage_prompt: str = ""
    question_prompt: str = ""


class OnnxEncoder:
    """An exported sentence-transformers model under onnxruntime; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open the encoder that was exported to `folder`.

        Raises:
            ModelError: The folder does not hold a whole exported encoder.
        """
        try:
            self._card = load_card(folder)
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
            self._session = onnxruntime.InferenceSession(folder / MODEL_FILE, _quiet(), ["CPUExecutionProvider"])
            check_outputs([output.name for output in self._session.get_outputs()])
        except Exception as error:  # the two libraries raise types of their own, all meaning the same here
            raise ModelError(
                f"cannot load the exported model in {folder}: {str(error).splitlines()[0]}",
                "export it again with `ibid build --fresh`",
            ) from error
        self._tokenizer.enable_truncation(self._card.max_tokens)
        self._tokenizer.enable_padding()

    @property
    def card(self) -> EncoderCard:
        """What the encoder is."""
        return self._card

    def encode_passages(
        self, texts: Sequence[str], *, advance: Callable[[int], None] = lambda _count: None
    ) -> npt.NDArray[np.float32]:
        """Return one unit row per text, in the order given; calls `advance` with the size of each batch done."""
        vectors = np.zeros((len(texts), self._card.dimension), np.float32)
        for rows, batch in self.iter_batches(texts):
            vectors[rows] = batch
            advance(len(rows))
        return vectors

    def iter_batches(self, texts: Sequence[str]) -> Iterable[tuple[list[int], npt.NDArray[np.float32]]]:
        """Yield batches as (row numbers in `texts`, unit vectors), texts of like length together."""
        order = sorted(range(len(texts)), key=lambda row: (len(texts[row]), row))
        for start in range(0, len(order), _BATCH_SIZE):
            rows = order[start : start + _BATCH_SIZE]
            yield rows, self._run([self._card.passage_prompt + texts[row] for row in rows])

    def encode_question(self, question: str) -> npt.NDArray[np.float32]:
        """Return the unit vector of a question."""
        return self.read_question(question)[0]

    def read_question(self, question: str) -> tuple[npt.NDArray[np.float32], list[str], npt.NDArray[np.float32]]:
        """Return the unit vector of a question, its word pieces and their unit vectors, in one pass."""
        encodings = self._tokenizer.encode_batch([self._card.question_prompt + question])
        vector, words = self._session.run(["sentence_embedding", "token_embeddings"], self._feed(encodings))
        pieces, own = _own_pieces(encodings[0])
        return normalise(vector)[0], pieces, normalise(words[0][own])

    def encode_words(self, text: str) -> tuple[list[str], npt.NDArray[np.float32]]:
        """Return the word pieces of a text and the unit vector of each in this text."""
        encodings = self._tokenizer.encode_batch([text])
        (vectors,) = self._session.run(["token_embeddings"], self._feed(encodings))
        pieces, own = _own_pieces(encodings[0])
        return pieces, normalise(vectors[0][own])

    def _run(self, texts: list[str]) -> npt.NDArray[np.float32]:
        feed = self._feed(self._tokenizer.encode_batch(texts))
        (vectors,) = self._session.run(["sentence_embedding"], feed)
        return normalise(np.asarray(vectors, np.float32))

    def _feed(self, encodings: Sequence[Encoding]) -> dict[str, npt.NDArray[np.int64]]:
        return {name: _stack(name, encodings) for name in self._card.inputs}


def check_outputs(names: Sequence[str]) -> None:
    """Raise ValueError unless a graph gives what answering needs."""
    missing = {"sentence_embedding", "token_embeddings"} - set(names)
    if missing:
        raise ValueError(f"the graph gives no {' and no '.join(sorted(missing))}")


def normalise(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return rows of length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def _own_pieces(encoding: Encoding) -> tuple[list[str], list[int]]:
    """Return the pieces of the text itself, and their places among all that the model reads."""
    own = [at for at, special in enumerate(encoding.special_tokens_mask) if not special]
    return [encoding.tokens[at] for at in own], own


def pack_words(vectors: npt.NDArray[np.float32]) -> bytes:
    """Return vectors as bytes, one signed byte for 1/127."""
    return np.rint(vectors * 127).astype(np.int8).tobytes()


def unpack_words(packed: bytes, dimension: int) -> npt.NDArray[np.float32]:
    """Return the vectors that `pack_words` wrote, of shape (pieces, dimension)."""
    return np.frombuffer(packed, np.int8).reshape(-1, dimension).astype(np.float32) / np.float32(127)


def load_card(folder: Path) -> EncoderCard:
    """Read what the encoder in `folder` is."""
    fields = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    return EncoderCard(**{**fields, "inputs": tuple(fields["inputs"])})


def save_card(card: EncoderCard, folder: Path) -> None:
    """Write what the encoder in `folder` is."""
    (folder / CARD_FILE).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")


def _quiet() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return options


_ENCODING_FIELDS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


def _stack(name: str, encodings: Sequence[Encoding]) -> npt.NDArray[np.int64]:
    return np.array([getattr(encoding, _ENCODING_FIELDS[name]) for encoding in encodings], np.int64)
