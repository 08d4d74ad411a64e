import dataclasses
import typing
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, UndefinedError, meta, nodes

from web.compose import compose_error
from web.pages import Page
from web.render import FOLDER, environment

PAGES = typing.get_args(Page)


def parse_all(name):
    """Return the syntax trees of a template and of all that it extends, includes or imports."""
    tree = environment.parse((FOLDER / "templates" / name).read_text(encoding="utf-8"))
    return [tree, *(deep for part in meta.find_referenced_templates(tree) for deep in parse_all(part))]


def list_attributes(page, *, of_page):
    """Return the names of attributes that a page's templates read: of the page itself, or of what is in it."""
    found = [node for tree in parse_all(page.template) for node in tree.find_all(nodes.Getattr)]
    owners = [(node.node.name if isinstance(node.node, nodes.Name) else "", node.attr) for node in found]
    return {attr for owner, attr in owners if owner != "loop" and (owner == "page") == of_page}


def list_parts(kind):
    """Return the dataclasses inside a type, however deep."""
    inner = [deep for argument in typing.get_args(kind) for deep in list_parts(argument)]
    if dataclasses.is_dataclass(kind):
        inner += [kind, *(deep for hint in typing.get_type_hints(kind).values() for deep in list_parts(hint))]
    return inner


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_reads_exactly_the_fields_of_its_dataclass(kind):
    assert list_attributes(kind, of_page=True) == {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_reads_exactly_the_fields_of_what_is_in_its_dataclass(kind):
    parts = [part for part in list_parts(kind) if part is not kind]
    assert list_attributes(kind, of_page=False) == {f.name for part in parts for f in dataclasses.fields(part)}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_takes_nothing_but_its_dataclass(kind):
    assert set().union(*(meta.find_undeclared_variables(tree) for tree in parse_all(kind.template))) <= {"page", "say"}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_s_dataclass_is_frozen_and_slotted(kind):
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)


def list_names(name):
    tree = environment.parse((FOLDER / "templates" / name).read_text(encoding="utf-8"))
    return {name}.union(*(list_names(part) for part in meta.find_referenced_templates(tree)))


def test_every_template_belongs_to_a_page():
    used = set().union(*(list_names(kind.template) for kind in PAGES))
    assert used == {path.name for path in (FOLDER / "templates").iterdir()}


def test_a_name_that_is_not_there_is_an_error():
    assert environment.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        environment.from_string("{{ nothing }}").render()


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.names = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)


def list_tags(message):
    page = compose_error(404, message, "go on", question=message)
    return Tags(environment.get_template(page.template).render(page=page)).names


@given(st.text(alphabet="<>&\"'/=ab \n`{%}", max_size=30))
def test_no_text_can_add_a_tag(text):
    assert list_tags(text) == list_tags("plain")


def test_text_is_shown_to_the_letter():
    page = compose_error(404, "<b>&amp;", "go on")
    assert "&lt;b&gt;&amp;amp;." in environment.get_template(page.template).render(page=page)
