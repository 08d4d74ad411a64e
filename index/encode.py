"""Encoders: texts to unit vectors. This file knows onnxruntime and tokenizers; torch is not needed to answer."""

import functools
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer
from tokenizers.models import WordPiece

from index.errors import ModelError
from index.model import Span
from index.stamps import FileStamp, find_fault

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
# The words of a WordPiece vocabulary, one a line: read from here they are there in half the time.
VOCABULARY_FILE = "vocab.txt"
CARD_FILE = "encoder.json"
# Texts that are read ahead of the one that is taken, per core: what waits is held in memory.
_AHEAD = 2
_QUESTIONS_KEPT = 16
_CHECKED_TOKENS = 512  # any limit with room for what a model puts around a text
_Read = TypeVar("_Read")
# Words that carry no content, and those by which a question speaks of the paper: "what does the paper say about …".
FUNCTION_WORDS = frozenset(
    """
    a an and are as at be been by can could did do does for from had has have how in is it its many more much of on or
    should than that the their they this to was were what when where which who whom whose why will with would
    about according article describe described describes mention mentioned mentions paper say says study tell text
    """.split()
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass over a text gives.

    Attributes:
        vectors: The unit vector of each span, float32 of shape (spans, dimension).
        words: The unit vector, in this text, of each word piece that carries content, float32 of shape (n, dimension).
        ranges: The half-open range of each span in `words`, of shape (spans, 2).
        places: Where each of `words` stands in the text, a half-open range a row, of shape (n, 2).
    """

    vectors: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32]
    ranges: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class QuestionReading:
    """What one pass over a question gives.

    Attributes:
        vector: Its unit vector, float32 of shape (dimension,).
        words: The unit vector of each word piece that carries content, or of all, if none does, a row each.
        spans: Where each of these pieces stands in the question.
    """

    vector: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32]
    spans: tuple[Span, ...]


class Encoder(Protocol):
    """Turns texts into unit vectors that can be compared by their inner product."""

    @property
    def card(self) -> "EncoderCard":
        """What the encoder is."""
        ...

    def iter_readings(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Reading]]:
        """Read each text once; yield its number and what its spans mean in it, in any order."""
        ...

    def read_question(self, question: str) -> QuestionReading:
        """Read a question once."""
        ...


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What an exported encoder is, stored beside it.

    Attributes:
        model: The name or folder it was exported from.
        weights_sha256: SHA-256 of the weights that it was exported from.
        precision: "int8", or "float32" where int8 strayed too far.
        dimension: Length of a vector.
        max_tokens: Word pieces that one pass reads; a longer text is read in several, a longer question is cut.
        inputs: Names of the model's inputs.
        late_pooling: Whether a span's vector is the mean of its word pieces' (Günther et al., 2024); the vectors of a
            model that pools otherwise are made by reading each span on its own.
        agreement: Smallest cosine between its vectors and those of the original, on the export's sample texts.
        passage_prompt: What the model wants before a passage.
        question_prompt: What the model wants before a question.
        files: Stamps of the files beside the card.
    """

    model: str
    weights_sha256: str
    precision: str
    dimension: int
    max_tokens: int
    inputs: tuple[str, ...]
    late_pooling: bool
    agreement: float
    passage_prompt: str = ""
    question_prompt: str = ""
    files: Mapping[str, FileStamp] = field(default_factory=dict)


class OnnxEncoder:
    """An exported sentence-transformers model under onnxruntime; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open the encoder that was exported to `folder`.

        Raises:
            ModelError: The folder does not hold a whole exported encoder.
        """
        try:
            self._card = load_card(folder)
            for name, stamp in self._card.files.items():
                if fault := find_fault(folder / name, stamp):
                    raise ValueError(f"{name} {fault}")  # noqa: TRY301
            with ThreadPoolExecutor(1) as aside:  # onnxruntime works beside Python, which the tokenizer keeps busy
                opening = aside.submit(_open_session, folder, self._card.precision)
                self._tokenizer = load_tokenizer(folder, self._card.max_tokens)
            self._session = opening.result()
            check_outputs([output.name for output in self._session.get_outputs()])
        except Exception as error:  # the two libraries raise types of their own, all meaning the same here
            raise ModelError(
                f"cannot load the exported model in {folder}: {str(error).splitlines()[0]}",
                "export it again with `ibid build`",
            ) from error
        self._known: dict[str, QuestionReading] = {}

    @property
    def card(self) -> EncoderCard:
        """What the encoder is."""
        return self._card

    def encode_passages(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit row per text, in the order given; what is beyond one pass is not encoded."""
        rows = [row for _, row in _iter_in_parallel(lambda number: self._embed(texts[number]), len(texts))]
        return normalise(np.array(rows, np.float32).reshape(len(texts), self._card.dimension))

    def iter_readings(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Reading]]:
        """Read each text once, one on each core; yield its number and what its spans mean in it, in the order given."""
        return _iter_in_parallel(lambda number: self._read(texts[number], spans[number]), len(texts))

    def _embed(self, text: str) -> npt.NDArray[np.float32]:
        (encoding,) = self._tokenizer.encode_batch([self._card.passage_prompt + text])
        return self._run("sentence_embedding", encoding=encoding)[0]

    def _read(self, text: str, spans: Sequence[Span]) -> Reading:
        (encoding,) = self._tokenizer.encode_batch([self._card.passage_prompt + text])
        parts = [encoding, *encoding.overflowing]
        return self._pool(text, spans, parts, [self._run("token_embeddings", encoding=part)[0] for part in parts])

    def _run(self, *outputs: str, encoding: Encoding) -> list[npt.NDArray[np.float32]]:
        """Read the word pieces of one text, and no padding: that costs what text does, and is read as part of it."""
        feed = {name: np.array([getattr(encoding, _ENCODING_FIELDS[name])], np.int64) for name in self._card.inputs}
        return [output[0] for output in self._session.run(outputs, feed)]

    def _pool(
        self,
        text: str,
        spans: Sequence[Span],
        parts: Sequence[Encoding],
        embeddings: Sequence[npt.NDArray[np.float32]],
    ) -> Reading:
        own = [_list_own(part) for part in parts]
        words = np.concatenate([rows[at] for rows, at in zip(embeddings, own, strict=True)])
        places = np.concatenate([np.array(part.offsets)[at] for part, at in zip(parts, own, strict=True)])
        places -= len(self._card.passage_prompt)
        starts = places[:, 0]
        bounds = np.array(spans)
        if self._card.late_pooling:
            ranges = np.searchsorted(starts, bounds)
            vectors = normalise(np.stack([words[first:stop].sum(axis=0) for first, stop in ranges]))
        else:
            vectors = normalise(np.stack([self._embed(text[start:end]) for start, end in spans]))
        tokens = zip((part.tokens for part in parts), own, strict=True)  # a list that is made anew each time
        content = _list_content([of_part[at] for of_part, own_places in tokens for at in own_places])
        return Reading(vectors, normalise(words[content]), np.searchsorted(starts[content], bounds), places[content])

    def read_question(self, question: str) -> QuestionReading:
        """Read a question; one that is too long for a pass is cut.

        The last few are remembered: of a follow-up, readings are compared before the best one is answered.
        """
        reading = self._known.get(question)
        if reading is None:
            reading = self._known[question] = self._read_question(question)
            for oldest in list(self._known)[:-_QUESTIONS_KEPT]:
                self._known.pop(oldest, None)
        return reading

    def _read_question(self, question: str) -> QuestionReading:
        prompt = self._card.question_prompt
        (encoding,) = self._tokenizer.encode_batch([prompt + question])
        vector, words = self._run("sentence_embedding", "token_embeddings", encoding=encoding)
        own = [at for at in _list_own(encoding) if encoding.offsets[at][1] > len(prompt)]
        pieces = [own[at] for at in _list_content([encoding.tokens[at] for at in own])] or own
        spans = tuple(
            (max(0, start - len(prompt)), end - len(prompt)) for start, end in map(encoding.offsets.__getitem__, pieces)
        )
        return QuestionReading(normalise(vector[None])[0], normalise(words[pieces]), spans)


def _iter_in_parallel(read: Callable[[int], _Read], count: int) -> Iterator[tuple[int, _Read]]:
    """Yield 0 … `count` - 1, and what is read of each, as many at a time as there are cores."""
    cores = os.cpu_count() or 1
    waiting: deque[Future[_Read]] = deque()
    pool = ThreadPoolExecutor(cores)
    try:
        for number in range(count + _AHEAD * cores):
            if number < count:
                waiting.append(pool.submit(read, number))
            if number >= _AHEAD * cores:
                yield number - _AHEAD * cores, waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def check_outputs(names: Sequence[str]) -> None:
    """Raise ValueError unless a graph gives what answering needs."""
    missing = {"sentence_embedding", "token_embeddings"} - set(names)
    if missing:
        raise ValueError(f"the graph gives no {' and no '.join(sorted(missing))}")


def normalise(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return rows of length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def _list_own(encoding: Encoding) -> list[int]:
    """Return the places of a text's own pieces among all that the model reads."""
    return [at for at, special in enumerate(encoding.special_tokens_mask) if not special]


def _list_content(pieces: Sequence[str]) -> list[int]:
    """Return the places of the word pieces that carry content."""
    return [at for at, piece in enumerate(pieces) if _has_content(piece)]


@functools.cache  # there are no more than a model has pieces
def _has_content(piece: str) -> bool:
    word = re.sub(r"[\W_Ġ]", "", piece).casefold()
    return bool(word) and word not in FUNCTION_WORDS


def pack_words(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return the signs of vectors as bits, of shape (words, bytes): a thirty-second of their size."""
    return np.packbits(vectors > 0, axis=1)


def unpack_words(packed: bytes, dimension: int) -> npt.NDArray[np.float32]:
    """Return vectors from their signs, of shape (words, dimension), so that products with unit vectors near cosines.

    The factor is that of a normal distribution, for which the mean of |x| is sqrt(2 / pi) (Charikar, 2002).
    """
    bits = np.frombuffer(packed, np.uint8).reshape(-1, -(-dimension // 8))
    signs = np.unpackbits(bits, axis=1, count=dimension).astype(np.float32)
    factor = np.float32(np.sqrt(np.pi / 2 / dimension))
    signs *= 2 * factor
    signs -= factor
    return signs


def load_card(folder: Path) -> EncoderCard:
    """Read what the encoder in `folder` is."""
    fields = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    files = {name: FileStamp(**stamp) for name, stamp in fields["files"].items()}
    return EncoderCard(**{**fields, "inputs": tuple(fields["inputs"]), "files": files})


def load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """Read the tokenizer in `folder`, to take a text apart into slices of at most `max_tokens`, without padding."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    if tokenizer.get_vocab_size() == len(tokenizer.get_added_tokens_decoder()):  # it has no words of its own
        rules = tokenizer.model
        tokenizer.model = WordPiece.from_file(
            str(folder / VOCABULARY_FILE),
            unk_token=rules.unk_token,
            max_input_chars_per_word=rules.max_input_chars_per_word,
            continuing_subword_prefix=rules.continuing_subword_prefix,
        )
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write a tokenizer so that `load_tokenizer` reads it, with its vocabulary aside where that is read sooner so."""
    whole = tokenizer.to_str()
    fields = json.loads(whole)
    model = fields["model"]
    if model["type"] == "WordPiece" and model["unk_token"] in model["vocab"]:
        words = sorted(model["vocab"], key=model["vocab"].__getitem__)
        (folder / VOCABULARY_FILE).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
        added = [token["content"] for token in fields["added_tokens"]]
        model["vocab"] = {word: model["vocab"][word] for word in added if word in model["vocab"]}
        (folder / TOKENIZER_FILE).write_text(json.dumps(fields), encoding="utf-8")
        if load_tokenizer(folder, _CHECKED_TOKENS).get_vocab() == tokenizer.get_vocab():
            return
        (folder / VOCABULARY_FILE).unlink()  # numbers with gaps, or a word that is no line
    (folder / TOKENIZER_FILE).write_text(whole, encoding="utf-8")


def save_card(card: EncoderCard, folder: Path) -> None:
    """Write what the encoder in `folder` is."""
    (folder / CARD_FILE).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")


def _open_session(folder: Path, precision: str) -> onnxruntime.InferenceSession:
    """Open a model that was optimised as it was exported; each thread that runs it has one core to itself."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(folder / MODEL_FILE, options, list_providers(precision))


def list_providers(precision: str) -> list[str]:
    """Return where a model may run: float32 on a graphics processor, if onnxruntime is built for one."""
    graphics = ["CUDAExecutionProvider"] if precision == "float32" else []
    return [name for name in (*graphics, "CPUExecutionProvider") if name in onnxruntime.get_available_providers()]


_ENCODING_FIELDS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
