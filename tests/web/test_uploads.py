import pytest

from web.uploads import clean_name


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Paper one.pdf", "Paper one.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\papers\\Über.PDF", "Über.PDF"),
        ("a\nb\x00\u202ec.md", "a b c.md"),
        (".htaccess", "paper.htaccess"),
        ("..", "paper."),
        ("/", "paper"),
        ("", "paper"),
        ("x" * 500 + ".pdf", "x" * 120 + ".pdf"),
        ("<script>.html", "<script>.html"),
    ],
)
def test_a_file_keeps_of_its_name_what_can_be_shown(sent, shown):
    assert clean_name(sent) == shown
