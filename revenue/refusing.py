"""Two people are two, by the creator's word: nobody proposes again that they are one.

The word is about what they were known by, too. Who comes back with a source that had been taken
away is another row, and is not asked about again for that.
"""

from datetime import datetime

from django.db import connection

from fans.models import Creator, Proposal, User

KNOWN_BY = """ARRAY(
    SELECT encode(sha256(convert_to(kind || ' ' || value, 'UTF8')), 'hex') FROM fans_identity
    WHERE creator_id = %(creator)s AND fan_id = {fan}
)"""
IS_ABOUT = """(
    refusal.one && pair.one AND refusal.other && pair.other
    OR refusal.one && pair.other AND refusal.other && pair.one
)"""
PAIR = f"""
SELECT {KNOWN_BY.format(fan="%(first)s")} AS one, {KNOWN_BY.format(fan="%(second)s")} AS other
"""
REMEMBER = f"""
INSERT INTO fans_refusal (creator_id, one, other, refused_at, by_id)
SELECT %(creator)s, one, other, %(now)s, %(by)s FROM ({PAIR}) AS pair
WHERE one <> '{{}}' AND other <> '{{}}'
"""  # noqa: S608
FORGET = f"""
DELETE FROM fans_refusal AS refusal USING ({PAIR}) AS pair
WHERE creator_id = %(creator)s AND {IS_ABOUT}
"""  # noqa: S608
REFUSE_AGAIN = f"""
WITH pair AS MATERIALIZED (
    SELECT id, {KNOWN_BY.format(fan="first_id")} AS one, {KNOWN_BY.format(fan="second_id")} AS other
    FROM fans_proposal WHERE creator_id = %(creator)s AND refused_at IS NULL
      AND EXISTS (SELECT FROM fans_refusal WHERE creator_id = %(creator)s)
)
UPDATE fans_proposal AS proposal SET refused_at = refusal.refused_at, by_id = refusal.by_id
FROM pair JOIN fans_refusal AS refusal ON refusal.creator_id = %(creator)s AND {IS_ABOUT}
WHERE proposal.id = pair.id
"""  # noqa: S608


def refuse(
    *, creator: Creator, people: tuple[int, ...], by: User | None, now: datetime
) -> Proposal:
    """Two people (row ids) are two: nobody proposes that they are one, from now on."""
    first, second = sorted(people)
    forget_refusal(creator=creator, people=people)
    with connection.cursor() as cursor:
        cursor.execute(
            REMEMBER,
            {
                "creator": creator.pk,
                "first": first,
                "second": second,
                "now": now,
                "by": by.pk if by else None,
            },
        )
    return mark_refused(creator=creator, people=people, by=by, now=now)


def mark_refused(
    *, creator: Creator, people: tuple[int, ...], by: User | None, now: datetime
) -> Proposal:
    """Have the proposal of these two rows stand there as refused, whoever they are known as."""
    first, second = sorted(people)
    proposal, _created = Proposal.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"refused_at": now, "by": by},
        create_defaults={"creator": creator, "found_at": now, "refused_at": now, "by": by},
    )
    return proposal


def forget_refusal(*, creator: Creator, people: tuple[int, ...]) -> None:
    """What was said of these two (row ids), or of who they were before, is not said any more."""
    first, second = people
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"creator": creator.pk, "first": first, "second": second})


def ask_again(proposal: Proposal) -> None:
    """Take back that two people are two. Without a reason there is nothing to propose."""
    people = (proposal.first_id, proposal.second_id)
    forget_refusal(creator=proposal.creator, people=people)
    if proposal.reasons:
        Proposal.objects.filter(pk=proposal.pk).update(refused_at=None, by=None)
    else:
        proposal.delete()


def refuse_again(*, creator: int) -> None:
    """Refuse what was proposed just now about two of whom that was said before."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_AGAIN, {"creator": creator})
