import pytest

from web.addresses import ask_url, own_path


def test_a_question_is_escaped_in_its_address():
    assert ask_url("a&b=#?", k=10, source="paper") == "/ask?q=a%26b%3D%23%3F&k=10&source=paper"


@pytest.mark.parametrize("address", ["/", "/ask?q=a%26b&k=5", "/conversations/x?read=paper#t2", "/a//b"])
def test_a_path_of_our_own_is_gone_back_to(address):
    assert own_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ask",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "//[",
    ],
)
def test_no_other_address_is(address):
    assert own_path(address) == "/"
