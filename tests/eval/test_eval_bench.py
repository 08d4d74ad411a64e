import sys
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from eval.beir import PlainText
from eval.bench.bars import list_bars
from eval.bench.child import ChildError, run_child
from eval.bench.limits import Architecture, Limits
from eval.bench.machine import describe_machine
from eval.bench.passages import cut_passages, generate_passages, spread_evenly
from eval.bench.prose import load_vocabulary
from eval.bench.publish import BLOCK, publish_run
from eval.bench.rounds import Asked, Record, Round, Saved
from eval.bench.run import Measured, Run, load_run
from eval.bench.spread import Percentiles, Spread, find_percentiles, summarise, summarise_ratios
from eval.bench.table import format_bars, format_records, format_run
from eval.readme import find_block
from eval.spans import SpanQuestion, SpanSet

ONE = Spread(1.0, 0.9, 1.1)
SAVED = Saved(500_000_000, 4_000_000, {"passages": 2000})


def record(name, kind, built_per_s, cold_s=None, p50_ms=None):
    """A record of three rounds, of which the second is twice as slow as the others."""
    rounds = []
    for slower in (1, 2, 1):
        asked = None
        if cold_s is not None:
            times = Percentiles(p50_ms * slower, 2 * p50_ms * slower, 3 * p50_ms * slower)
            asked = Asked(cold_s * slower, 190_000_000, times, {"encode": p50_ms * slower}, 300_000_000)
        rounds.append(Round(built_per_s / slower, asked))
    return Record(name, kind, {name.lower(): "1.0"}, SAVED, tuple(rounds))


IBID = record("Ibid", "own", 100, 0.5, 5)
PEERS = (
    record("a", "dense", 20, 6, 20),
    record("b", "hybrid", 50, 5, 12),
    record("c", "dense", 25, 8, 25),
    record("sentence-transformers (encoding only)", "encoder", 40),
)
LIMITS = Limits(23e6, {"numpy float32": ONE, "encoder": ONE}, Spread(1.2, 1.1, 1.3), Spread(0.6, 0.5, 0.7))


def run_of(*records):
    measured = Measured("generated", 2000, 200, 200, 130, 195, 190)
    return Run("2026-11-27", describe_machine(), measured, records, {"d": "no such package"}, LIMITS)


def test_operations_are_those_of_the_layers_products():
    # 2 x 6 layers x 200 word pieces x (4 x 384² + 2 x 384 x 1536 + 2 x 200 x 384)
    assert Architecture(6, 384, 1536).count_operations(200) == 4_615_372_800


def test_a_word_piece_takes_more_operations_in_a_longer_text():
    sizes = [Architecture(6, 384, 1536).count_operations(tokens) / tokens for tokens in (1, 100, 500)]
    assert all(one < other for one, other in pairwise(sizes))


def test_passages_are_cut_every_130_words_as_they_stand():
    text = "\n ".join(f"w{at}" for at in range(300))
    spans = SpanSet((PlainText("a", "", text),), (SpanQuestion("1", "Why?", "f:1", "a", ((0, 1),)),))
    passages = cut_passages(spans, 5)
    assert [len(passage.split()) for passage in passages.texts] == [130, 130, 40]
    assert all(passage in text for passage in passages.texts)
    assert passages.questions == ("Why?",)


def test_items_are_taken_at_even_distances():
    assert spread_evenly(range(10), 3) == (0, 3, 6)
    assert spread_evenly(range(2), 3) == (0, 1)


def test_generated_passages_need_no_dataset_and_are_the_same_each_time():
    passages = generate_passages(20, 4)
    assert {len(text.split()) for text in passages.texts} == {130}
    assert len(passages.questions) == 4
    assert passages == generate_passages(20, 4)


def test_words_are_as_frequent_as_in_prose():
    shares = load_vocabulary().shares
    assert_allclose(shares.sum(), 1)
    ranks = np.arange(10, 3000)
    slope = np.polyfit(np.log(ranks), np.log(shares[ranks - 1]), 1)[0]
    assert -1.2 < slope < -0.7  # Zipf (1935) found about -1


def test_a_spread_gives_the_median_and_its_distance_to_all():
    assert summarise([3, 1, 2]).format(1, "ms") == "2.0 ms (1.0–3.0)"


def test_ratios_are_taken_within_a_round():
    assert summarise_ratios([1, 2], [2, 4]) == Spread(0.5, 0.5, 0.5)


def test_percentiles_lie_between_measurements():
    assert find_percentiles(range(101)) == Percentiles(50, 95, 99)


def test_a_childs_peak_is_its_own_and_not_this_processes():
    held = bytearray(300_000_000)
    held[::4096] = b"x" * len(held[::4096])
    small = run_child([sys.executable, "-S", "-c", "print('done')"])
    large = run_child([sys.executable, "-S", "-c", "held = b'x' * 100_000_000"])
    assert small.stdout == "done\n"
    assert small.peak_bytes < 50_000_000
    assert 100_000_000 < large.peak_bytes < 150_000_000
    del held


def test_a_child_that_fails_is_told_with_what_it_wrote():
    with pytest.raises(ChildError, match=r"(?s)ends with 3.*no luck"):
        run_child([sys.executable, "-S", "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"])


def test_bars_compare_with_the_best_peer_round_by_round():
    bars = {bar.figure: bar for bar in list_bars((IBID, *PEERS), LIMITS)}
    assert bars["cold process to first answer, over the fastest peer's"].spread.median == 0.1
    assert bars["warm question, p50, over the fastest dense peer's"].spread == Spread(0.25, 0.25, 0.25)
    assert bars["build, passages/s, over the fastest dense peer's"].spread.median == 4
    assert bars["build, passages/s, over sentence-transformers'"].spread.median == 2.5


def test_a_bar_is_met_or_missed_by_its_median():
    met = {bar.figure: bar.is_met for bar in list_bars((IBID, *PEERS), LIMITS)}
    assert met["cold process to first answer"]
    assert met["encoder, operations/s, over float32 matrix products'"]
    assert not met["warm question, p50"]
    assert not met["build, passages/s, over sentence-transformers'"]


def test_a_bar_beside_peers_that_were_not_measured_is_neither():
    table = format_bars(run_of(IBID))
    assert "| cold process to first answer, over the fastest peer's | not measured | ≤ 0.125 | – |" in table


def test_tables_begin_with_ratios():
    lines = format_run(run_of(IBID, *PEERS)).splitlines()
    first = next(line for line in lines if line.startswith("| ") and "---" not in line and "figure" not in line)
    assert first == "| cold process to first answer, over the fastest peer's | 0.100 (0.100–0.100) | ≤ 0.125 | met |"


def test_one_that_only_encodes_has_no_figures_of_answers():
    row = format_records(run_of(IBID, *PEERS)).splitlines()[-3]
    assert row.startswith("| sentence-transformers (encoding only) | – | – | – | – | – | 40.0 (20.0–40.0) | 5,200 |")


def test_a_peer_that_cannot_be_installed_is_told():
    assert format_records(run_of(IBID)).endswith("\n\nd could not be measured here: no such package")


def test_a_run_is_written_as_files_and_into_the_readme(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# A\n<!-- {BLOCK} -->\n<!-- /{BLOCK} -->\n", encoding="utf-8")
    run = run_of(IBID, *PEERS)
    publish_run(run, folder=tmp_path, readme=readme)
    assert load_run(tmp_path / "bench.json") == run
    assert format_records(run) in find_block(readme.read_text("utf-8"), BLOCK)
    assert (tmp_path / "bench.md").read_text("utf-8").startswith("# Ibid, its peers, and the limit\n")
    assert {file.stem for file in tmp_path.glob("*.svg")} == {"cold", "question", "build", "limits"}
