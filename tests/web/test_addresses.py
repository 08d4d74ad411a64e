from web.addresses import ask_url


def test_a_question_is_escaped_in_its_address():
    assert ask_url("a&b=#?", k=10, source="paper") == "/ask?q=a%26b%3D%23%3F&k=10&source=paper"
