"""Two tabs, or two people of a team, who have one form open."""

import pytest

from fans.models import Acquaintance
from tests.dashboard.one_person import at
from tests.factories import AcquaintanceFactory, NoteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]


def sent(page, **typed) -> dict[str, str]:
    """What a browser sends of the form of `page`, with what was `typed` into it."""
    form = page.context["form"]
    opened = {field.name: str(field.value() or "") for field in form}
    return {f"initial-{name}": value for name, value in opened.items()} | opened | typed


def test_what_one_did_not_touch_stays_as_somebody_else_saved_it(client, ada):
    AcquaintanceFactory(fan=ada, cares_about="Brass", birth_month=3, birth_day=4)
    mine, theirs = client.get(at(ada, "/edit")), client.get(at(ada, "/edit"))
    client.post(at(ada, "/edit"), sent(theirs, how_we_met="At sea.\r\nIn rain.", birth_day="5"))

    client.post(at(ada, "/edit"), sent(mine, cares_about=""))

    known = Acquaintance.objects.get()
    assert (known.how_we_met, known.birth_day) == ("At sea.\r\nIn rain.", 5)
    assert known.cares_about == ""


def test_what_both_changed_is_asked_about_and_nothing_typed_is_lost(client, ada):
    note = NoteFactory(fan=ada, text="Plays")
    address = at(ada, f"/notes/{note.pk}")
    mine, theirs = client.get(address), client.get(address)
    client.post(address, sent(theirs, text="Plays the horn"))

    asked = client.post(address, sent(mine, text="Plays chess"))

    note.refresh_from_db()
    assert (asked.status_code, note.text) == (422, "Plays the horn")
    assert "This was changed meanwhile, to “Plays the horn”." in asked.text
    assert 'name="initial-text" value="Plays the horn"' in asked.text
    assert ">\nPlays chess</textarea>" in asked.text

    client.post(address, {"text": "Plays chess", "initial-text": "Plays the horn"})

    note.refresh_from_db()
    assert note.text == "Plays chess"


def test_words_of_ones_own_that_were_changed_elsewhere_stay(client, creator):
    address = "/studio/low-tide/settings/words"
    mine, theirs = client.get(address), client.get(address)
    client.post(address, sent(theirs, about="We play."))

    client.post(address, sent(mine, community="The Tide"))

    creator.refresh_from_db()
    assert (creator.about, creator.community) == ("We play.", "The Tide")
