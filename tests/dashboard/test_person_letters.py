"""A mail to one person, from their page."""

import pytest

from fans.models import Fan, Letter
from tests.dashboard.one_person import at, shown
from tests.factories import (
    FanFactory,
    LetterFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

LETTER = {"subject": "Thank you", "text": "Dear Ada,\n\nthe box!"}


def test_a_mail_is_posted_to_their_one_address(
    client, creator, ada, queued, django_capture_on_commit_callbacks
):
    page = client.get(at(ada, "/letter") + "?why=thanks").text
    assert 'value="Thank you"' in page
    assert "Dear Ada," in page
    assert "ada@example.com" in page

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(at(ada, "/letter"), LETTER)

    letter = Letter.objects.get()
    assert answer.url == at(ada)
    assert (letter.to, letter.subject, letter.by) == ("ada@example.com", "Thank you", creator.owner)
    assert queued() == [("fans.tasks.send_letter", [letter.pk])]
    assert "on its way" in shown(client, ada)


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"text": "Dear Ada,\n\n"}, "text"), ({"text": ""}, "text"), ({"subject": " "}, "subject")],
)
def test_a_mail_that_says_nothing_is_not_sent(client, ada, typed, field):
    answer = client.post(at(ada, "/letter"), LETTER | typed)

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Letter.objects.exists()


def test_after_many_mails_a_day_the_words_are_kept_and_not_sent(client, ada, monkeypatch):
    monkeypatch.setattr("fans.letters.MOST_A_DAY", 0)

    answer = client.post(at(ada, "/letter"), LETTER)

    assert answer.status_code == 422
    assert "the box!" in answer.text
    assert "not be personal any more" in answer.text
    assert not Letter.objects.exists()


def test_who_has_no_address_cannot_be_written_to(client, ada):
    Fan.objects.update(email="")

    assert "/letter" not in shown(client, ada)
    assert "never left an address" in client.get(at(ada, "/letter")).text
    assert client.post(at(ada, "/letter"), LETTER).status_code == 422
    assert not Letter.objects.exists()


def test_a_mail_that_could_not_be_sent_is_tried_again_or_thrown_away(client, ada, now):
    letter = LetterFactory(fan=ada, failed_at=now, tries=5)
    other = LetterFactory(fan=FanFactory(creator=ada.creator), failed_at=now)
    waiting = LetterFactory(fan=ada)
    assert "could not be sent" in shown(client, ada)

    client.post(at(ada, f"/letter/{letter.pk}/again"))
    letter.refresh_from_db()
    assert (letter.failed_at, letter.tries) == (None, 0)

    Letter.objects.filter(pk=letter.pk).update(failed_at=now)
    client.post(at(ada, f"/letter/{letter.pk}/drop"))
    for kept in (other, waiting):
        assert client.post(at(ada, f"/letter/{kept.pk}/drop")).status_code == 404
    assert set(Letter.objects.all()) == {other, waiting}
