"""What a terminal is told to show, and what a pipe is given."""

import io
from contextlib import redirect_stdout

import pytest

from qa.terminal import BOLD, DIM, UNDERLINE, paint, show


class Screen(io.StringIO):
    """A terminal's standard output."""

    def isatty(self):
        return True


@pytest.fixture
def see(monkeypatch):
    """Give a function that tells what a terminal is sent for a line."""
    monkeypatch.setenv("TERM", "xterm")

    def send(*arguments):
        with redirect_stdout(Screen()) as screen:
            show(*arguments)
        return screen.getvalue()

    return send


def test_a_terminal_shows_a_line_in_its_style(see):
    assert see("Herons", BOLD) == "\x1b[1mHerons\x1b[0m\n"


def test_a_pipe_is_given_the_text_alone(capsys):
    show("Grey herons", DIM, spans=[(0, 4, BOLD)], end="\n\n")
    assert capsys.readouterr().out == "Grey herons\n\n"


def test_a_terminal_that_knows_no_styles_is_given_the_text_alone(see, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert see("Herons", BOLD) == "Herons\n"


def test_spans_inside_others_have_both_styles():
    painted = paint("It cost $5 then.", [(0, 16, BOLD), (8, 10, UNDERLINE)])
    assert painted == "\x1b[1mIt cost \x1b[0m\x1b[1;4m$5\x1b[0m\x1b[1m then.\x1b[0m"


def test_codes_in_a_text_do_not_reach_a_terminal(see):
    assert see("a\x1b[31mb\x9b31m\rc\td\ne") == "a[31mb31mc\td\ne\n"


def test_an_empty_text_is_an_empty_line(see):
    assert see("", BOLD) == "\n"
