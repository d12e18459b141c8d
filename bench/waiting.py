"""An import from a server that takes its time, against asking for one page after another.

At Stripe's pace no list is asked more than 25 times a second. That leaves no more than
0.1 s ÷ (1 s ÷ 25) = 2.5 times as many pages a second to a list that is long; what is gained beyond
is the second's worth that may be asked at once, and all that is done meanwhile.
"""

from collections.abc import Iterator

from bench.importing import bring_in, check_all_is_there, fresh_source
from bench.ratio import Medians, Ratio
from bench.server import Served, serving
from revenue.gateways.stripe.pace import PER_SECOND
from revenue.models import Source

LATENCY = 100  # milliseconds


def ratios(*, quick: bool) -> Iterator[Ratio]:
    charges, rounds = (4_000, 3) if quick else (20_000, 5)
    took = Medians()
    most = 0
    with serving(charges=charges, latency_ms=LATENCY) as server:
        for _ in range(rounds):
            took.time("one by one", bring_in, _politely(server), in_flight=1)
            if server.most_at_once > 1:
                raise RuntimeError("One page after another, and yet several at once?")
            for pace, source in (("at Stripe's pace", _politely), ("unpaced", fresh_source)):
                took.time(pace, bring_in, source(server))
                check_all_is_there(charges)
                most = max(most, server.most_at_once)
    for pace in ("at Stripe's pace", "unpaced"):
        yield Ratio(
            f"import of {charges:,} charges, {LATENCY} ms an answer, {pace}: times as fast",
            f"one page after another, {took['one by one']:.1f} s",
            took["one by one"] / took[pace],
            4,
            took[pace],
            at_least=True,
        )
    yield Ratio("the most requests that it had under way", "at once", most, 8)


def _politely(server: Served) -> Source:
    """A new source that is asked as rarely as if the server were Stripe's."""
    return fresh_source(server, per_second=PER_SECOND)
