"""Is every cent there? What stands on Income of each source, in every state of the proof."""

from datetime import date, timedelta

import pytest

from tests.factories import NOW, PurchaseFactory, ReconciliationFactory, SourceFactory

pytestmark = pytest.mark.django_db

INCOME = "/studio/low-tide/income"
EQUAL = {"figures": [["GBP", 123456, 123456], ["JPY", 500, 500], ["KWD", 7500, 7500]]}


def differing(name: str, what: str, **amounts: int | None) -> dict:
    return {"id": name, "what": what, "currency": "GBP", "ours": None, "theirs": None} | amounts


@pytest.fixture
def shown(client, creator):
    """`shown()`: the words of the page, in one line."""

    def words(**query: str) -> str:
        text = client.get(INCOME, query).text.replace("\xa0", " ")
        return " ".join(text.split())

    return words


def test_books_that_are_equal_say_so_with_the_day_and_the_figures(source, shown):
    ReconciliationFactory(source=source, compared=12_345, **EQUAL)

    page = shown()

    assert "Stripe’s balance</a>, to the cent." in page
    assert "Checked on 22 November 2026, 12:00, over 12,345 lines of the ledger." in page
    for amount in ("£1,234.56", "JP¥500", "KWD 7.500", "£0.00"):
        assert amount in page
    assert "Data is complete as of 22 November 2026, 12:00 (Europe/London)." in page
    for anchor in ("our-books", "stripes-balance", "difference"):
        assert f"/definitions#{anchor}" in page


def test_the_day_is_that_of_the_creators_own_clock(creator, source, shown):
    creator.time_zone = "Asia/Tokyo"
    creator.save()
    ReconciliationFactory(source=source)

    assert "Checked on 22 November 2026, 21:00" in shown()


def test_books_that_were_repaired_say_what_was_missing(source, shown):
    lines = [differing("txn_7", "missing here", theirs=2397)]
    ReconciliationFactory(
        source=source, outcome="repaired", month=date(2026, 3, 1), differing=1, lines=lines
    )

    page = shown()

    assert "to the cent. One line of March 2026 was missing" in page
    assert "What was missing:" in page
    assert "<code>txn_7</code>" in page
    assert "£23.97" in page
    assert "equal to the cent" in page


def test_a_difference_is_told_with_amount_month_lines_and_what_happens_next(source, shown):
    lines = [
        differing("txn_1", "different", ours=1000, theirs=3397),
        differing("txn_2", "not at Stripe", ours=500) | {"currency": "JPY"},
        differing("txn_3", "set aside") | {"currency": ""},
    ]
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["EUR", 1, 1], ["GBP", 1000, 3397], ["JPY", 5, 0]],
        month=date(2026, 3, 1), differing=3, lines=lines,
    )  # fmt: skip

    page = shown()

    assert "<strong>£23.97 more</strong></a> than" in page
    assert "<strong>JP¥5 less</strong></a> than" in page
    assert page.count("<strong>") == 2
    assert "It is in 3 lines, the newest of March 2026:" in page
    assert "not understood, and set aside" in page
    assert "Everything else is right. TrueFans looks again every night." in page
    assert "to the cent." not in page


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("nobody's", "of a payment that is not there"),
        ("of set aside", "of a payment that is not understood, and set aside"),
    ],
)
def test_money_that_is_counted_for_nobody_is_told_with_the_reason(source, shown, what, why):
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["GBP", 1000, 1000]], month=date(2026, 3, 1),
        differing=1, lines=[differing("txn_1", what, ours=1000, theirs=1000)],
    )  # fmt: skip

    page = shown()

    assert "’s balance</a>, but some of it is counted for nobody." in page
    assert f">{why}</td>" in page


def test_of_many_lines_the_first_are_shown_and_the_rest_counted(source, shown):
    lines = [differing(f"txn_{n}", "missing here", theirs=100) for n in range(50)]
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["GBP", 0, 100000]],
        month=date(2026, 3, 1), differing=812, lines=lines, is_explained=False,
    )  # fmt: skip

    page = shown()

    assert page.count("<code>txn_") == 5
    assert "And 807 more." in page
    assert "That is not all of it, and no other line differs." in page
    assert "Everything else is right" not in page


@pytest.mark.parametrize(
    ("compared", "words"),
    [
        (0, "Stripe states a balance, and not one line of its ledger has come in."),
        (9, "Every line of the ledger is the same on both sides, and still"),
    ],
)
def test_a_difference_that_is_in_no_line_is_told_in_words_of_its_own(
    source, shown, compared, words
):
    """Pitfall 19: nothing came in, and nobody said so."""
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["GBP", 0, 9]], compared=compared,
        is_explained=False,
    )  # fmt: skip

    assert words in shown()


def test_sums_that_are_equal_though_lines_are_not_are_no_proof(source, shown):
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["GBP", 9, 9]], month=date(2026, 3, 1),
        differing=1, lines=[differing("txn_1", "different", ours=1, theirs=2)],
    )  # fmt: skip

    page = shown()

    assert "come to the same, but not every line does" in page
    assert "equal to the cent" not in page


def test_books_that_were_never_compared_say_when_they_will_be(creator, shown):
    SourceFactory(creator=creator, synced_at=None)

    page = shown()

    assert "not compared yet" in page
    assert "when all of the history has been read, and then every night" in page
    assert "Not read to the end yet." in page


def test_what_was_found_stands_while_later_attempts_come_to_nothing(source, shown):
    ReconciliationFactory(source=source, checked_at=NOW - timedelta(days=1), **EQUAL)
    for outcome, problem in (("failed", "The server was away."), ("moving", "")):
        ReconciliationFactory(
            source=source, checked_at=NOW, outcome=outcome, problem=problem, figures=[]
        )

    page = shown()

    assert "Checked on 21 November 2026, 12:00" in page
    assert "£1,234.56" in page
    assert "On 22 November, 12:00 money was just moving; TrueFans looks again by itself." in page
    assert "The server was away." not in page


def test_an_attempt_that_failed_says_why_and_an_older_one_is_forgotten(source, shown):
    failed = ReconciliationFactory(
        source=source, outcome="failed", problem="The server was away.", figures=[]
    )
    assert "On 22 November, 12:00 nothing could be compared: The server was away." in shown()

    ReconciliationFactory(source=source, checked_at=failed.checked_at + timedelta(minutes=3))

    assert "The server was away." not in shown()


@pytest.mark.parametrize("state", ["key_refused", "permission_missing", "unreachable"])
def test_a_problem_of_the_source_stands_with_its_proof_once(source, shown, state):
    source.state, source.problem = state, "What happened, and what to do."
    source.save()
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["GBP", 0, 9]], checked_at=NOW - timedelta(days=1)
    )
    ReconciliationFactory(source=source, outcome="failed", problem=source.problem, figures=[])

    page = shown()

    assert page.count("What happened, and what to do.") == 1
    assert "Data is complete as of" in page
    is_asked = state == "unreachable"
    assert ("looks again every night" in page) is is_asked
    assert ("looks again as soon as this source can be read" in page) is not is_asked


def test_the_proof_of_another_creator_is_not_there(creator, shown):
    ReconciliationFactory(figures=[["GBP", 777_77, 777_77]])

    page = shown()

    assert "777.77" not in page
    assert "proof-" not in page


def test_the_proof_stands_before_the_first_purchases_only(client, source, shown, now, time_machine):
    time_machine.move_to(now)
    ReconciliationFactory(source=source)
    for minutes in range(60):
        PurchaseFactory(source=source, occurred_at=now - timedelta(minutes=minutes))

    after = client.get(INCOME).context["page"].after

    assert "to the cent" in shown()
    assert "to the cent" not in shown(after=after)
    assert "to the cent" not in shown(show="unattributed")


def test_proofs_cost_two_queries_however_many_sources_and_checks(
    client, creator, source, django_assert_num_queries
):
    def compared(*, days: int) -> None:
        at = NOW - timedelta(days=days)
        another = SourceFactory(creator=creator, name=f"Shop {days}")
        for outcome, problem in (("equal", ""), ("moving", ""), ("failed", "No.")):
            ReconciliationFactory(source=another, checked_at=at, outcome=outcome, problem=problem)

    compared(days=0)
    with django_assert_num_queries(11):
        client.get(INCOME)
    for days in range(1, 6):
        compared(days=days)
    with django_assert_num_queries(11):
        page = client.get(INCOME)

    assert [proof.source.name for proof in page.context["proofs"]][-1] == "Shop 5"
    assert "key" in page.context["proofs"][0].source.get_deferred_fields()
