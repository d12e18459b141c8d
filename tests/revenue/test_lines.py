"""Lines of the ledger: known ones are passed over as they came."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.gateways.problems import NotGiven
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.lines import Line, line_of, lines_of
from sandbox import Fault
from sandbox.directory import load
from tests.factories import CreatorFactory, SourceFactory
from tests.revenue.importing import sync
from tests.revenue.recording import SMALL
from tests.revenue.test_translate import CHARGE, DISPUTE, LINE, REFUND

PATH = "/v1/balance_transactions"


def page(*rows, indent=None):
    return json.dumps({"object": "list", "data": rows, "has_more": True}, indent=indent).encode()


def only(row, indent=None):
    ((line,), _more) = lines_of(page(row, indent=indent))
    return line


@pytest.mark.parametrize("indent", [None, 2], ids=["in one line", "as people read it"])
def test_a_line_is_cut_out_of_its_page_as_it_came(indent):
    lines, more = lines_of(page(LINE, LINE | {"id": "txn_2"}, indent=indent))

    assert [line.name for line in lines] == ["txn_1", "txn_2"]
    assert [line.row for line in lines] == [LINE, LINE | {"id": "txn_2"}]
    assert lines[0].created == 1790000000
    assert more


@pytest.mark.parametrize("indent", [None, 2], ids=["in one line", "as people read it"])
def test_an_address_for_the_receipt_that_is_new_in_each_answer_makes_no_difference(indent):
    charges = [CHARGE | {"receipt_url": f"https://pay.example/{n}", "z": 1} for n in "ab"]

    digests = {only(LINE | {"source": charge}, indent).digest for charge in charges}

    assert len(digests) == 1


@given(
    field=st.sampled_from(sorted({*CHARGE} - {"object"})),
    value=st.text() | st.integers(0, 10**9) | st.none(),
)
def test_whatever_else_changes_makes_one(field, value):
    charge = CHARGE | {"receipt_url": "https://pay.example/a", "z": 1}
    changed = charge | {field: value}

    same = only(LINE | {"source": charge}).digest == only(LINE | {"source": changed}).digest

    assert same == (json.dumps(charge) == json.dumps(changed))  # to Python 1 equals true


@pytest.mark.parametrize(
    ("source", "lacks"),
    [
        ("ch_1", True),
        (None, False),
        (CHARGE, False),
        (DISPUTE, False),
        (REFUND, False),
        (REFUND | {"charge": None, "payment_intent": "pi_1"}, True),
        (REFUND | {"charge": CHARGE}, False),
    ],
    ids=["named", "nothing", "payment", "dispute", "refund", "of an intent", "with its payment"],
)
def test_what_a_line_does_not_say_is_asked_for(source, lacks):
    line = LINE | {"source": source}

    assert (only(line).lacks, line_of(line).lacks) == (lacks, lacks)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        page(LINE, None),
        page(LINE | {"id": 7}),
        page(LINE | {"source": [1]}),
        page(LINE | {"description": "\ud83d"}),
        page(LINE | {"amount": float("nan")}),
        page(LINE).replace(b"txn", b"\xff"),
        page(LINE).replace(b"true", b'"yes"'),
        page(LINE)[:-9],
        b'{"data": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}",
    ],
)
def test_a_page_that_is_not_as_stripe_writes_it_is_left_to_a_patient_reader(body):
    assert lines_of(body) is None


def test_half_a_letter_in_a_description_ends_no_reading(stripe):
    row = LINE | {"description": "A song \ud83d"}
    stripe(load(SMALL), faults=[Fault(PATH, body=page(row))])

    ((line,), _more) = StripeGateway("rk_test_any").lines(PATH, permission="Ledger")

    assert line.row == LINE | {"description": "A song ?"}


@pytest.mark.parametrize(
    "body",
    [b'{"data": [' + b"[" * 99_999, b'{"data": ' + b"[" * 99_999 + b"]" * 99_999 + b"}"],
    ids=["without end", "with an end"],
)
def test_brackets_in_brackets_are_a_broken_answer(stripe, body):
    stripe(load(SMALL), faults=[Fault(PATH, times=100, body=body)])
    gateway = StripeGateway("rk_test_any", sleep=lambda seconds: None)

    with pytest.raises(NotGiven, match=r"broken answers.*kept.*tries again by itself"):
        gateway.lines(PATH, permission="Ledger")


@pytest.mark.django_db
def test_a_second_reading_takes_only_those_apart_that_are_not_known(stripe, monkeypatch):
    stripe(load(SMALL))
    source = SourceFactory(creator=CreatorFactory(currency="USD"), key="rk_test_any")
    sync(source)
    known = source.movements.exclude(digest=None)
    first, *_others = known
    known.filter(pk=first.pk).update(digest=first.digest + 1)
    # Those that came with a dispute have to be looked at once more.
    others = {*source.movements.filter(digest=None).values_list("external_id", flat=True)}
    taken_apart = []
    row = Line.row.fget
    monkeypatch.setattr(Line, "row", property(lambda line: taken_apart.append(line) or row(line)))

    sync(source, full=True)

    assert {line.name for line in taken_apart} == {first.external_id, *others}
    assert len(others) < known.count() / 10
    assert known.get(pk=first.pk).digest == first.digest
