"""Every worked example of docs/definitions.md, run through the code that the pages run."""

import re
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from tests.supporters.worked import DOCUMENT, Example, examples, sections

HERE = Path(__file__).parent
#: How each kind of example is run: what the files beside this one say.
MODULES = [import_module(f"tests.supporters.{p.stem}") for p in HERE.glob("examples_*.py")]
RUNNERS = dict(chain.from_iterable(module.RUNNERS.items() for module in MODULES))


@pytest.mark.django_db
@pytest.mark.parametrize("example", examples(), ids=lambda e: f"{e.section} {'; '.join(e.follows)}")
def test_what_the_example_says_is_what_is_computed(example: Example):
    assert example.follows
    computed = RUNNERS[example.kind](example)
    assert {key: computed.get(key) for key in example.follows} == example.follows


@pytest.mark.parametrize("section", sections())
def test_every_definition_has_an_example_or_shares_one(section: str):
    no_number_of_its_own = {"Target spend", "Target count", "Counted currency", "Living"}
    assert "```example " in sections()[section] or section in no_number_of_its_own


def test_no_two_definitions_have_one_name():
    headings = re.findall(r"^### (.+)$", DOCUMENT, re.MULTILINE)
    assert sorted(headings) == sorted(set(headings))


def test_every_state_of_a_purchase_is_defined():
    from revenue.models import Purchase

    shown = {example.follows.get("state") for example in examples()}
    assert {str(state.label) for state in Purchase.State} == shown - {None}


def test_every_origin_of_a_rate_is_defined():
    from revenue.models import Purchase

    shown = {example.follows.get("origin") for example in examples()}
    assert {str(origin.label) for origin in Purchase.RateOrigin} == shown - {None}


def test_every_outcome_of_books_that_could_be_compared_is_shown():
    from revenue.models import Reconciliation

    shown = {example.follows.get("outcome") for example in examples()}
    decided = set(Reconciliation.Outcome) - set(Reconciliation.UNDECIDED)
    assert {str(outcome.label) for outcome in decided} == shown - {None}


def test_every_link_to_a_definition_leads_to_one(client, db):
    page = client.get(reverse("supporters:definitions")).text
    anchors = set(re.findall(r'id="([\w-]+)"', page))
    templates = Path(settings.BASE_DIR / "templates").rglob("*.html")
    linked = {
        anchor
        for text in (DOCUMENT, *(template.read_text() for template in templates))
        for anchor in re.findall(r"(?:\]\(|definitions\w* \}\}|definitions\" %\})#([\w-]+)", text)
    }
    assert {"true-fan", "seat", "lifetime"} <= linked
    assert linked <= anchors


def test_the_page_shows_each_example_as_a_table(client, db):
    page = client.get(reverse("supporters:definitions")).text
    assert page.count('<table class="example">') == len(examples())
    assert "```" not in page
