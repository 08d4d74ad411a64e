"""`make bench` measures Ibid and prints; `make bench-peers` its peers too, and writes what the README shows."""

import argparse

from eval.bench.paper import measure_paper
from eval.bench.passages import QUESTIONS, load_passages
from eval.bench.publish import publish_run
from eval.bench.rivals import ENCODER, IBID, PEERS
from eval.bench.rounds import Plan
from eval.bench.run import measure_run
from eval.bench.table import format_paper, format_run
from index.settings import load_settings


def main() -> None:
    """Measure and print; with peers, publish too."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="How fast and how small Ibid is.")
    parser.add_argument(
        "--peers", action="store_true", help="measure peers as well, and write the files and the README"
    )
    parser.add_argument("--rounds", type=int, default=Plan().rounds, help="how often each is measured")
    parser.add_argument("--built", type=int, default=Plan().built, help="how many passages are indexed in a round")
    parser.add_argument("--passages", type=int, help="for a quick look: so many of the passages, evenly spread")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="how many are asked in a round")
    options = parser.parse_args()
    rivals = (IBID, ENCODER, *(PEERS if options.peers else ()))
    passages = load_passages(options.questions, most=options.passages)
    settings = load_settings()
    run = measure_run(rivals, passages, settings, Plan(options.rounds, options.built))
    print(format_run(run))
    if options.peers:
        publish_run(run)
    else:
        print(format_paper(measure_paper(settings)))


if __name__ == "__main__":
    main()
