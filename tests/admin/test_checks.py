"""The proofs as admins see them."""

import pytest

from revenue.models import BooksCheck, Reconciliation
from tests.admin.addresses import listed, of
from tests.factories import BooksCheckFactory, ReconciliationFactory

pytestmark = pytest.mark.django_db

LINE = {"id": "txn_9", "what": "different", "currency": "GBP", "ours": 1, "theirs": 2}


def test_what_is_not_equal_can_be_listed_alone(admin):
    ReconciliationFactory()
    drift = ReconciliationFactory(outcome="drift", figures=[["GBP", 1, 2]])

    answer = admin.get(listed(Reconciliation), {"outcome__exact": "drift"})

    assert list(answer.context["cl"].result_list) == [drift]


def test_the_lines_that_differ_and_the_figures_stand_on_the_row(admin):
    drift = ReconciliationFactory(outcome="drift", figures=[["GBP", 1, 2]], lines=[LINE])

    page = admin.get(of(drift)).text.replace("&quot;", '"')

    assert '["GBP", 1, 2]' in page
    assert '["txn_9", "different", "GBP", 1, 2]' in page


def test_a_comparison_that_failed_says_why(admin):
    failed = ReconciliationFactory(outcome="failed", figures=[], problem="The server is away.")

    assert "The server is away." in admin.get(of(failed)).text


@pytest.mark.parametrize("asked", ["something", "", "nonsense"])
def test_checks_that_found_something_can_be_listed_alone(admin, asked):
    right = BooksCheckFactory(found=0, findings=[])
    wrong = BooksCheckFactory()

    answer = admin.get(listed(BooksCheck), {"found": asked} if asked else {})

    shown = [wrong] if asked == "something" else [wrong, right]
    assert list(answer.context["cl"].result_list) == shown


def test_findings_stand_on_the_row_as_text_only(admin):
    check = BooksCheckFactory(found=2, findings=["fan 1: spend is 1", "<script>alert(1)</script>"])

    page = admin.get(of(check)).text

    assert "fan 1: spend is 1" in page
    assert "<script>alert" not in page
