"""Small datasets in each layout, a home in which their indexes are cached, and the command run in this process."""

import json

import pytest

from qa.cli import main

TOPICS = {
    "sky": "The sky looks blue because air scatters short waves of light more than long ones.",
    "bread": "Bread rises when yeast turns sugar into carbon dioxide. The gas is held by gluten.",
    "moon": "The Moon raises the tides of the sea. Spring tides come at full and new moon.",
    "steel": "Steel is an alloy of iron and carbon. Stainless steel holds chromium as well.",
    "bees": "Honey bees dance to show where flowers are. The waggle dance gives the direction.",
    "glass": "",
}
QUERIES = {
    "q1": "Why does the sky look blue?",
    "q2": "What makes bread rise?",
    "q3": "What does stainless steel contain?",
    "q4": "How do bees tell where flowers are?",
    "q5": "Who won the chess championship of 1972?",
}
DOCUMENTS = {"q1": "sky", "q2": "bread", "q3": "steel", "q4": "bees"}
ANSWERS = {"q1": "scatters short waves", "q2": "yeast", "q3": "chromium", "q4": "dance to show"}


def save_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="session")
def beir(tmp_path_factory):
    """Six documents, one of them without text; four queries with answers, and an impossible one."""
    folder = tmp_path_factory.mktemp("sets") / "tiny_beir"
    rows = [{"_id": name, "title": name.title(), "text": text} for name, text in TOPICS.items()]
    save_lines(folder / "corpus.jsonl", rows)
    save_lines(folder / "queries.jsonl", [{"_id": name, "text": text} for name, text in QUERIES.items()])
    judged = "".join(f"{query}\t{document}\t1\n" for query, document in DOCUMENTS.items())
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged, encoding="utf-8")
    answers = [
        {
            "_id": name,
            "doc": DOCUMENTS[name],
            "is_impossible": False,
            "answers": [{"answer_start": TOPICS[DOCUMENTS[name]].index(text), "text": text}],
        }
        for name, text in ANSWERS.items()
    ]
    save_lines(folder / "answers.jsonl", [*answers, {"_id": "q5", "is_impossible": True, "answers": []}])
    return folder


@pytest.fixture(scope="session")
def spans(tmp_path_factory):
    """Two corpora, and a question on each with the sentence that answers it."""
    folder = tmp_path_factory.mktemp("sets") / "tiny_spans"
    names = {"one": ["sky", "bread", "moon"], "two": ["steel", "bees"]}
    corpora = {name: "\n\n".join(f"# {t.title()}\n\n{TOPICS[t]}" for t in topics) for name, topics in names.items()}
    rows = []
    for corpus, query, content in [
        ("one", "q1", TOPICS["sky"]),
        ("two", "q3", "Stainless steel holds chromium as well."),
    ]:
        start = corpora[corpus].index(content)
        span = {"content": content, "start_index": start, "end_index": start + len(content)}
        rows.append({"_id": query, "corpus_id": corpus, "question": QUERIES[query], "references": [span]})
    save_lines(folder / "questions.jsonl", rows)
    (folder / "corpora").mkdir()
    for name, text in corpora.items():
        (folder / "corpora" / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def exam(tmp_path_factory):
    """Two questions that the seed paper answers and one that it does not."""
    file = tmp_path_factory.mktemp("sets") / "tiny_exam.jsonl"
    rows = [
        {"id": "1", "question": "Who wrote this paper?", "answers": ["TRAN ANH CONG"]},
        {"id": "2", "question": "How much will Toyota invest in North Carolina?", "answers": ["US$13.9 billion"]},
        {"id": "3", "question": "What makes bread rise?", "answers": []},
    ]
    save_lines(file, rows)
    return file


@pytest.fixture(scope="session")
def eval_home(tmp_path_factory, home):
    """A home of the eval's own: the model and the paper's index of `home`, and a cache that fills up."""
    folder = tmp_path_factory.mktemp("eval_home")
    for name in ("models", "index"):
        (folder / name).symlink_to(home / name, target_is_directory=True)
    return folder


@pytest.fixture
def ibid_eval(eval_home, monkeypatch, capsys):
    """Give a function that runs `ibid eval` and returns its exit code, standard output and standard error."""
    monkeypatch.setenv("IBID_HOME", str(eval_home))

    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["eval", *map(str, arguments)])
        shown = capsys.readouterr()
        return exit_.value.code or 0, shown.out, shown.err

    return run
