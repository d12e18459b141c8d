"""Joining and parting in any order, and while others write: the books are those of what was said
in the end."""

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from fans.models import Acquaintance, Identity, Merge
from fans.touches import record_touch
from revenue import merging
from revenue.merging import part
from revenue.proposing import propose
from revenue.spend import recompute_due_fans
from revenue.values import Payment
from tests.factories import CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.histories import examples
from tests.revenue.joining import bring, clean, customer, join, known_as, payment

pytestmark = pytest.mark.django_db

WHO = ("a@x.example", "b@x.example", "c@x.example", "cus_1", "cus_2", "cus_3")
CUSTOMERS = (("cus_1", ""), ("cus_2", ""), ("cus_3", "c@x.example"))


@examples(5)
@given(
    paid=st.lists(st.sampled_from(WHO), min_size=2, max_size=12),
    acts=st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 40)), max_size=8),
    seed=st.integers(0, 2**32),
)
def test_any_order_of_imports_merges_and_undos_gives_the_books_of_the_merges_at_the_end(
    now, paid, acts, seed
):
    payments = [
        payment(
            n,
            who,
            at=now - timedelta(days=40 * n + 1),
            amount=1_00 * (n * 37 % 90 + 20),
            name=f"N{n}",
        )
        for n, who in enumerate(paid)
    ]
    customers = [customer(name, email, at=now) for name, email in CUSTOMERS]
    mixed, clean_one = (
        SourceFactory(creator=CreatorFactory(currency="USD", time_zone="UTC")) for _ in range(2)
    )
    chance = random.Random(seed)
    rows = payments + chance.sample(payments, len(payments) // 2)
    chance.shuffle(rows)
    said: list[tuple[Merge, str, str]] = []

    bring(mixed, now, customers=customers)
    steps: list[Any] = [*rows, *acts]
    chance.shuffle(steps)
    for step in steps:
        if isinstance(step, Payment):
            bring(mixed, now, step)
            continue
        is_undo, first, second = step
        here = [key for key in WHO if Identity.objects.filter(creator=mixed.creator, value=key)]
        if is_undo and said:
            part(merged=Merge.objects.get(pk=said.pop()[0].pk), by=None, now=now)
        elif len(here) > 1:
            one, other = here[first % len(here)], here[second % len(here)]
            if known_as(mixed, one) != known_as(mixed, other):
                said.append((join(mixed, one, other, now), one, other))
    recompute_due_fans(creator=mixed.creator, now=now)
    assert clean(mixed.creator, now)

    bring(clean_one, now, *payments, customers=customers)
    for _merge, one, other in said:
        join(clean_one, one, other, now)
    recompute_due_fans(creator=clean_one.creator, now=now)
    differing = differences(books_of(mixed.creator), books_of(clean_one.creator))
    assert {path: both for path, both in differing.items() if not path.endswith("/seat")} == {}


@pytest.mark.django_db(transaction=True)
def test_joining_and_parting_while_others_write_hangs_nobody_and_loses_nothing(now):
    source = SourceFactory(
        creator=CreatorFactory(currency="USD", time_zone="UTC", target_spend=100_00)
    )
    source.creator.create_default_tiers()
    rows = [
        payment(n, f"{'ab'[n % 2]}@x.example", at=now - timedelta(days=n + 1)) for n in range(8)
    ]
    bring(source, now, *rows)
    stays = merging.who_stays(*source.creator.fans.order_by("pk"))[0]
    problems: list[Exception] = []
    is_over = threading.Event()

    def again_and_again(act):
        def work():
            try:
                while not is_over.is_set():
                    act()
            except Exception as problem:
                problems.append(problem)
            finally:
                connection.close()

        return threading.Thread(target=work)

    others = [
        again_and_again(lambda: bring(source, now, *rows)),
        again_and_again(lambda: record_touch(fan=stays, kind="wrote", occurred_at=now)),
        again_and_again(lambda: propose(creator=source.creator, now=now)),
        again_and_again(lambda: source.creator.fans.mark_due([stays.pk], now=now)),
    ]
    for thread in others:
        thread.start()
    for _ in range(5):
        part(merged=join(source, "a@x.example", "b@x.example", now), by=None, now=now)
    is_over.set()
    for thread in others:
        thread.join(30)

    assert problems == []
    recompute_due_fans(creator=source.creator, now=now)
    assert list(source.creator.fans.values_list("purchases", flat=True)) == [4, 4]
    known = Acquaintance.objects.get()
    assert (known.fan, known.last_word_at) == (stays, now)
    assert clean(source.creator, now)
