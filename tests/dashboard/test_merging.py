"""One person? Pairs are proposed, looked at side by side, joined, and two again."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from fans.models import Merge, Proposal
from tests.factories import (
    AcquaintanceFactory,
    FanFactory,
    IdentityFactory,
    MemberFactory,
    NoteFactory,
    ProposalFactory,
    TagFactory,
    TaggingFactory,
)

pytestmark = pytest.mark.django_db

PAIRS = "/studio/low-tide/people/pairs"


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now.replace(minute=1), tick=False)


@pytest.fixture
def jane(buyer):
    """At home: No. 3, and a note."""
    fan = buyer(120_00, name="Jane Doe", email="jane@home.example", country="GB", seat=3)
    IdentityFactory(fan=fan)
    NoteFactory(fan=fan, text="Plays the harp.")
    return fan


@pytest.fixture
def at_work(buyer):
    fan = buyer(30_00, name="Jane <b>Doe", email="jane@work.example", country="GB")
    IdentityFactory(fan=fan)
    AcquaintanceFactory(fan=fan, cares_about="Tea", birth_month=5, birth_day=3)
    TaggingFactory(fan=fan, tag=TagFactory(creator=fan.creator, name="vinyl"))
    return fan


@pytest.fixture
def pair(creator, jane, at_work):
    return ProposalFactory(creator=creator, first=jane, second=at_work, reasons=[5])


def at(name, *args):
    return reverse(f"dashboard:{name}", args=["low-tide", *args])


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_pairs_stand_with_their_reasons_the_best_first(client, creator, pair):
    best = ProposalFactory(creator=creator, reasons=[1, 3])
    ProposalFactory(creator=creator, refused_at=pair.found_at)
    ProposalFactory()

    page = client.get(PAIRS)

    assert page.context["page"].rows == [best, pair]
    assert "They proved both addresses." in page.text
    assert "Jane &lt;b&gt;Doe" in page.text
    assert at("merge", pair.first_id, pair.second_id) in page.text
    people = client.get(at("people"))
    assert PAIRS in people.text
    assert people.context["pairs"] == 2


def test_without_pairs_one_learns_what_would_be_one(client, creator):
    assert "one address written in two ways" in client.get(PAIRS).text
    assert "Nobody was said to be two" in client.get(PAIRS, {"two": ""}).text


def test_pages_of_pairs_hold_each_once_for_the_same_queries(
    client, creator, django_assert_num_queries
):
    everybody = {ProposalFactory(creator=creator, reasons=[n % 5 + 1]).pk for n in range(60)}
    found, after = [], ""
    for way_back in range(2):
        with django_assert_num_queries(4 + way_back):
            page = client.get(PAIRS, {"after": after}).context["page"]
        found += [row.pk for row in page.rows]
        after = page.after
    assert sorted(found) == sorted(everybody)


def test_who_was_said_to_be_two_stays_so_until_it_is_taken_back(client, creator, pair):
    answer = client.post(at("pair_is_two", pair.pk))

    assert answer["Location"] == PAIRS
    assert client.get(PAIRS).context["page"].rows == []
    assert client.get(PAIRS, {"two": ""}).context["page"].rows == [pair]
    pair.refresh_from_db()
    assert pair.by == creator.owner
    client.post(at("pair_perhaps", pair.pk))
    assert client.get(PAIRS).context["page"].rows == [pair]


def test_both_stand_side_by_side_with_what_comes_of_them(client, jane, at_work, pair):
    page = client.get(at("merge", at_work.pk, jane.pk))

    seen = page.context["seen"]
    assert (seen.fan, seen.gone) == (jane, at_work)
    assert (seen.spend, seen.is_true, seen.tier.name) == (150_00, True, "True")
    lines = {line.label: line.values for line in (*seen.sums, *seen.counts, *seen.known)}
    assert lines["Ever, gross"].one == 150_00
    assert lines["Purchases"].one == 2
    assert (lines["Notes"].fan, lines["Notes"].gone) == (1, 0)
    assert lines["What they care about"].one == "Tea"
    assert lines["Birthday"].one == "3 May"
    assert seen.tags.one == ["vinyl"]
    assert "The same name in the same country." in page.text
    assert "They are one person" in page.text


def test_joined_they_are_one_and_the_old_address_leads_there(
    client, creator, jane, at_work, pair, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(at("merge", at_work.pk, jane.pk))

    assert answer["Location"] == at("person", jane.pk)
    assert "They are one person now." in said(answer)[0]
    assert ("revenue.tasks.figures.recompute_creator", [creator.pk]) in queued()
    merged = Merge.objects.get()
    assert (merged.by, merged.reasons, merged.gone) == (creator.owner, [5], at_work.pk)
    page = client.get(at("person", jane.pk))
    assert page.context["fan"].spend == 150_00
    assert "jane@work.example" in page.text
    assert "Joined from" in page.text
    assert f"as {creator.owner} said" in page.text
    assert client.get(at("person", at_work.pk))["Location"] == at("person", jane.pk)
    again = client.post(at("merge", at_work.pk, jane.pk))
    assert again["Location"] == at("person", jane.pk)
    assert not Proposal.objects.exists()


def test_it_is_undone_from_their_page_and_not_proposed_again(client, jane, at_work, pair):
    client.post(at("merge", jane.pk, at_work.pk))
    merged = Merge.objects.get()

    answer = client.post(at("part", jane.pk, merged.pk))

    assert answer["Location"] == at("person", jane.pk)
    assert client.get(at("person", at_work.pk)).status_code == 200
    assert client.get(PAIRS).context["page"].rows == []
    again = client.post(at("part", jane.pk, merged.pk))
    assert again["Location"] == at("person", jane.pk)
    assert "it was said that they are two" in client.get(at("merge", jane.pk, at_work.pk)).text


def test_only_the_last_one_can_be_undone(client, creator, jane, at_work):
    for other in (at_work, FanFactory(creator=creator)):
        client.post(at("merge", jane.pk, other.pk))
    last, first = Merge.objects.all()

    assert client.get(at("person", jane.pk)).text.count("Undo: they are two") == 1
    answer = client.post(at("part", jane.pk, first.pk))

    assert "first take back what was said later" in said(answer)[0]
    assert Merge.objects.count() == 2
    assert last.pk > first.pk


def test_by_hand_one_finds_the_other_by_name_or_address(client, creator, jane, at_work):
    assert at("same", jane.pk) in client.get(at("person", jane.pk)).text
    page = client.get(at("same", jane.pk), {"q": "jane"})
    assert page.context["people"] == [at_work]
    assert at("merge", jane.pk, at_work.pk) in page.text
    assert "No other friend" in client.get(at("same", jane.pk), {"q": "nobody"}).text
    assert client.get(at("merge", jane.pk, jane.pk))["Location"] == at("same", jane.pk)


def test_a_proposal_stands_on_the_page_of_both(client, jane, at_work, pair):
    for fan, other in ((jane, at_work), (at_work, jane)):
        assert client.get(at("person", fan.pk)).context["others"] == [(pair, other)]


def test_who_may_only_look_looks(client, creator, jane, at_work, pair):
    client.force_login(MemberFactory(creator=creator, role="viewer").user)
    pages = [PAIRS, at("merge", jane.pk, at_work.pk), at("person", jane.pk)]
    for path in pages:
        main = client.get(path).text.split("<main")[1].split("</main>")[0]
        assert 'method="post"' not in main
    for path in (pages[1], at("pair_is_two", pair.pk), at("pair_perhaps", pair.pk)):
        assert client.post(path).status_code == 403
    assert not Merge.objects.exists()


def test_the_people_of_another_are_not_there(client, jane):
    stranger = FanFactory()
    assert client.get(at("merge", jane.pk, stranger.pk)).status_code == 404
    assert client.post(at("merge", jane.pk, stranger.pk)).status_code == 404
    pair = ProposalFactory()
    assert client.post(at("pair_is_two", pair.pk)).url == PAIRS
    pair.refresh_from_db()
    assert pair.refused_at is None


def test_a_pair_that_was_made_one_in_another_tab_is_over_and_no_error(client, jane, pair):
    pair.delete()

    for name in ("pair_is_two", "pair_perhaps"):
        answer = client.post(at(name, pair.pk or 1), follow=True)
        assert "That was over already; nothing was noted." in answer.text


def test_who_was_made_one_or_two_in_another_tab_is_shown_as_that_with_a_word(client, jane, at_work):
    client.post(at("merge", jane.pk, at_work.pk))
    merged = Merge.objects.get()

    for answer in (
        client.get(at("same", at_work.pk), follow=True),
        client.post(at("merge", at_work.pk, jane.pk), follow=True),
    ):
        assert answer.redirect_chain == [(at("person", jane.pk), 302)]
        assert "They are one person already." in answer.text

    client.post(at("part", jane.pk, merged.pk))
    late = client.post(at("part", jane.pk, merged.pk), follow=True)
    assert "That was over already; nothing was noted." in late.text
