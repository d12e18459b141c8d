"""The rooms of a creator with few people and with many, against a page with one query.

Each page is asked for through the whole application in this process, in turns with what it is held
against, so that neither a client nor the rest of the machine blurs the difference. Both creators
have as many dots in their field, because a circle is as large as its target, not as its crowd.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from bench.database import vacuum
from bench.ratio import Medians, Ratio
from bench.recomputing import group_by
from fans.models import Creator, User
from revenue.models import Source
from revenue.spend import recompute_due_fans
from revenue.summary import figures_of, summarise

#: Of however many people, so many spend enough to be true fans.
TRUE = 600

PEOPLE = """
INSERT INTO fans_fan (creator_id, name, email, recompute_at, created_at)
SELECT %(creator)s, initcap(substr(md5(n::text), 1, 5)) || ' Writer ' || n,
       'p' || n || '@example.com', now(), now()
FROM generate_series(1, %(people)s) AS n
"""
# The first people are those who spend most; everybody buys ten times in 900 days.
PURCHASES = """
INSERT INTO revenue_purchase (creator_id, source_id, external_id, fan_id, customer_id, occurred_at,
    own_kind, description, currency, amount, status, payer_email, payer_name, payer_country,
    intent_id, shown_currency, is_elsewhere, raw, kind, invoice_id, state, returned,
    settlement_currency, fee, net, counted_currency, counted_gross, counted_net, rate, rate_date,
    rate_origin)
SELECT %(creator)s, %(source)s, 'ch_' || number, fan_id, '', bought_at,
       'sale', 'Album', 'GBP', amount, 'succeeded', '', '', '',
       '', '', false, '', 'sale', '', 'paid', 0,
       'GBP', 35, amount - 35, 'GBP', amount, amount - 35, 1, bought_at::date, 'same'
FROM (
    SELECT fan.id AS fan_id, (place - 1) * 10 + turn AS number,
           now() - (turn - 1 + place * 7919 %% 1000 / 1000.0) * interval '90 days' AS bought_at,
           CASE WHEN place <= %(true)s THEN 2600 + place * 13 %% 2000
                ELSE 100 + (place * 31 + turn * 17) %% 1900 END AS amount
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS place
        FROM fans_fan WHERE creator_id = %(creator)s
    ) AS fan, generate_series(1, 10) AS turn
) AS bought
"""


SHELL = "a page of the studio with one query"
LIMIT, GROWTH = 4, 1.5
SEARCH = "people, by the beginnings of two words"
#: It reads all whom the rarer word fits, and is there before the next key is pressed.
SEARCH_LIMIT, SEARCH_GROWTH = 15, 3


def ratios(*, quick: bool) -> Iterator[Ratio]:
    few, many, rounds = (1_000, 20_000, 15) if quick else (1_000, 100_000, 41)
    call_command("collectstatic", interactive=False, verbosity=0)
    small, large = furnish(few), furnish(many)
    vacuum()
    for creator in (small, large):
        summarise(creator=creator, now=timezone.now())
    took = _ask_in_turns(small, large, rounds)
    for room in rooms(small):
        limit, growth = (SEARCH_LIMIT, SEARCH_GROWTH) if room == SEARCH else (LIMIT, GROWTH)
        yield _ratio(f"{room}, {many:,} people", SHELL, took, (many, room), (many, SHELL), limit)
        of_few = f"the same, {few:,} people"
        yield _ratio(f"{room}, {many:,} people", of_few, took, (many, room), (few, room), growth)
    yield _figures(large, many, rounds=3)


def rooms(creator: Creator) -> dict[str, str]:
    """The address of each room, by its name."""
    studio = f"/studio/{creator.handle}"
    somebody = creator.fans.earliest("pk")
    return {
        "home": f"{studio}/",
        "people": f"{studio}/people",
        SEARCH: f"{studio}/people?q=wri+7",
        "one person": f"{studio}/people/{somebody.pk}",
    }


def furnish(people: int) -> Creator:
    """A creator with `people` who bought ten times each, everybody recomputed."""
    owner = User.objects.create(email=f"owner-of-{people}@example.org")
    creator = Creator.objects.create(
        owner=owner, handle=f"bench-{people}", name="Bench", currency="GBP", target_spend=100_00
    )
    creator.create_default_tiers()
    source = Source.objects.create(
        creator=creator, account_id="acct_bench", livemode=False, key="-", synced_at=timezone.now()
    )
    values = {"creator": creator.pk, "source": source.pk, "people": people, "true": TRUE}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, values)
        cursor.execute(PURCHASES, values)
    recompute_due_fans(creator=creator, now=timezone.now())
    return creator


def _ask_in_turns(small: Creator, large: Creator, rounds: int) -> Medians:
    """Each page of both in each round; the first round only warms up."""
    took = Medians()
    pages = [
        ((creator.fans.count(), room), address, _cookie(creator))
        for creator in (small, large)
        for room, address in {SHELL: f"/shell/{creator.handle}", **rooms(creator)}.items()
    ]
    for number in range(rounds + 1):
        for name, address, cookie in pages:
            page = RequestFactory(SERVER_NAME="127.0.0.1").get(address, HTTP_COOKIE=cookie)
            if number:
                took.time(str(name), _call, page.environ)
            else:
                _call(page.environ)
    return took


def _cookie(creator: Creator) -> str:
    """The one of a browser in which the creator is signed in."""
    client = Client()
    client.force_login(creator.owner)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _call(environ: dict[str, Any]) -> None:
    from bench.web import application

    statuses: list[str] = []

    def start(status: str, *_: object) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda _: None

    answer = application(environ, start)
    with closing(answer):
        b"".join(answer)
    if statuses != ["200 OK"]:
        raise RuntimeError(f"{environ['PATH_INFO']} answered {statuses}")


def _ratio(
    what: str, unit: str, took: Medians, of: tuple[int, str], to: tuple[int, str], limit: float
) -> Ratio:
    seconds = took[str(of)]
    return Ratio(what, unit, seconds / took[str(to)], limit, seconds)


def _figures(creator: Creator, people: int, *, rounds: int) -> Ratio:
    took = Medians()
    for _ in range(rounds):
        took.time("group by", group_by, creator)
        took.time("figures", figures_of, creator=creator, now=timezone.now())
    seconds = took["figures"]
    unit = f"the bare GROUP BY over {10 * people:,} purchases"
    what = f"the figures of {people:,} people"
    return Ratio(what, unit, seconds / took["group by"], 15, seconds)
