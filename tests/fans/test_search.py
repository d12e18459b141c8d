"""Finding people as one types: any word of a name, or the beginning of an address."""

import unicodedata

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st

from fans.models import Fan, NamePart
from fans.search import looked_for, typed_in
from tests.factories import CreatorFactory, FanFactory, IdentityFactory
from tests.revenue.histories import examples
from tests.revenue.test_plans import nodes_of

pytestmark = pytest.mark.django_db


def found(creator, typed):
    people = creator.fans.filter(looked_for(typed_in(typed), creator=creator))
    return sorted(people.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ada Lovelace", "ada"),
        ("Ada Lovelace", "LOVE"),
        ("Ada Lovelace", "ada love"),
        ("Ada Lovelace", "love ada"),
        ("Ada King Lovelace", "ada love"),
        ("Zoë Müller", "zoe mull"),
        ("Zoe Muller", "Zoë"),
        ("Siobhán O'Brien", "o'brien"),
        ("Siobhán O'Brien", "brien"),
        ("Anne-Marie Dupont", "marie"),
        ("Anne-Marie Dupont", "anne-m"),
        ("Łukasz Nowak", "Łu"),
        ("İpek Yılmaz", "ipek"),
        ("Владимир Ёлкин", "елк"),
        ("山田 太郎", "太"),
        ("ﬁona", "fi"),
        ("  Ada  ", "ada"),
        ("100% Real", "100"),
        ("100% Real", "100% re"),
    ],
)
def test_a_name_is_found_by_the_beginning_of_any_of_its_words(name, typed):
    creator = CreatorFactory()
    FanFactory(creator=creator, name=name)
    FanFactory(creator=creator, name="Somebody Else")

    assert found(creator, typed) == [name]


@pytest.mark.parametrize("typed", ["lace", "ada x", "%", "_", "\\", "'", "x" * 5000, "\0"])
def test_nothing_else_is(typed):
    creator = CreatorFactory()
    FanFactory(creator=creator, name="Ada Lovelace")

    assert found(creator, typed) == ([] if typed_in(typed) else found(creator, ""))


def test_an_address_is_found_by_its_beginning_and_no_other_creators():
    creator, other = CreatorFactory(), CreatorFactory()
    for owner in (creator, other):
        fan = FanFactory(creator=owner, name=f"Ada of {owner.handle}")
        IdentityFactory(fan=fan, value="ada.l@example.com")
        IdentityFactory(fan=fan, value="second@example.com")

    for typed in ("ADA.L", "second@", "ada.l@example.com", "Ada"):
        assert found(creator, typed) == [f"Ada of {creator.handle}"]
    assert found(creator, "example.com") == []


def test_whoever_writes_a_name_it_is_found_by_it_from_then_on():
    fan = FanFactory(name="Ada Lovelace")
    creator = fan.creator

    Fan.objects.filter(pk=fan.pk).update(name="Ada King")
    assert (found(creator, "love"), found(creator, "king")) == ([], ["Ada King"])
    fan.name = ""
    fan.save()
    assert not NamePart.objects.exists()
    Fan.objects.bulk_create([Fan(creator=creator, name="Bela Bartók")])
    assert found(creator, "bartok") == ["Bela Bartók"]
    Fan.objects.all().delete()
    assert not NamePart.objects.exists()


def test_what_changes_no_name_writes_no_part_of_one():
    fan = FanFactory(name="Ada")
    [before] = NamePart.objects.extra(select={"xmin": "xmin::text"}).values_list("xmin")

    Fan.objects.filter(pk=fan.pk).update(spend=5, email="x@example.com", name="Ada")

    [after] = NamePart.objects.extra(select={"xmin": "xmin::text"}).values_list("xmin")
    assert after == before


@examples(60)
@given(name=st.text(max_size=300))
@example(name="a b c d e \N{TRADE MARK SIGN} f")
@example(name="a\N{OGHAM SPACE MARK}b")
def test_any_name_can_be_stored_and_is_found_by_itself(name):
    name = name.replace("\0", "").encode("utf-8", "replace").decode()
    fan = FanFactory(name=name)
    first = fan.name_parts.order_by("place").first()

    assert fan.name_parts.count() <= 12
    if first:
        assert unicodedata.normalize("NFKD", first.text) == first.text
        typed = typed_in(first.text[:30])
        assert fan.creator.fans.filter(looked_for(typed, creator=fan.creator)).exists()


def test_a_search_reads_two_indexes_and_not_the_people():
    creator = CreatorFactory()
    with connection.cursor() as cursor:
        cursor.execute(CROWD, {"creator": creator.pk})
        cursor.execute("ANALYZE fans_fan, fans_namepart, fans_identity")
    people = creator.fans.filter(looked_for("ada 77", creator=creator)).order_by("-spend", "id")

    with CaptureQueriesContext(connection) as context:
        assert [fan.name for fan in people[:50]] == ["Ada 77", *(f"Ada {n}" for n in SEVENS)]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {context.captured_queries[0]['sql']}")
        ((plan,),) = cursor.fetchone()

    nodes = list(nodes_of(plan["Plan"]))
    assert {"name_part_by_text", "identity_is_one_persons"} <= {n.get("Index Name") for n in nodes}
    read = [n["Actual Rows"] for n in nodes if n.get("Relation Name") == "fans_fan"]
    assert sum(read) < 10


SEVENS = (771, 773, 775, 777, 779)
CROWD = """
WITH person AS (
    INSERT INTO fans_fan (creator_id, name, email, spend, created_at)
    SELECT %(creator)s, CASE n %% 2 WHEN 1 THEN 'Ada ' ELSE 'Bela ' END || n,
           'p' || n || '@example.com', 1000 - n, now()
    FROM generate_series(1, 1000) AS n
    RETURNING id, email
)
INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, created_at)
SELECT %(creator)s, id, 'email', email, 'payment', now() FROM person WHERE email <> ''
"""
