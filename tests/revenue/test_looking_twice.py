"""Two looks through one file: the slower one changes nothing that happened meanwhile."""

import pytest

from fans.models import Creator
from revenue.looking import look_through
from revenue.models import Upload
from revenue.tasks.files import look_through_upload
from revenue.uploading import begin_import, import_rows, keep
from tests.factories import NOW, CreatorFactory
from tests.revenue.bringing import FOREVER, stripe_file
from tests.revenue.test_uploading import JOSE, ZOE

pytestmark = pytest.mark.django_db
#: Whether the third or the fourth month comes first, only its creator can say.
UNCLEAR = "Email,Date,Total\nzoe@example.org,03/04/2026,€12.50\njose@example.com,05/06/2026,€7.00\n"
MEANING = {"Email": "email", "Date": "date", "Total": "amount"}


@pytest.fixture
def creator():
    return CreatorFactory(currency="GBP")


def kept(creator: Creator, text: str) -> Upload:
    return keep(creator=creator, by=None, name="a.csv", chunks=[text.encode()], now=NOW)


def as_seen(upload: Upload) -> Upload:
    """The upload as a worker, or a request, has it that began just now."""
    return Upload.objects.get(pk=upload.pk)


def test_a_slow_look_does_not_stop_the_import_that_began_meanwhile(creator):
    upload = kept(creator, stripe_file(ZOE, JOSE))
    look_through(upload=as_seen(upload), now=NOW)
    slow = as_seen(upload)
    begin_import(upload=as_seen(upload), now=NOW)

    look_through(upload=slow, now=NOW)

    upload.refresh_from_db()
    assert (upload.state, upload.source) == ("importing", creator.sources.get())
    assert import_rows(upload=upload, until=FOREVER, clock=lambda: NOW)
    assert creator.purchases.count() == 2


def test_a_slow_look_leaves_what_was_imported_meanwhile(creator):
    upload = kept(creator, stripe_file(ZOE, JOSE))
    slow = as_seen(upload)
    begin_import(upload=as_seen(upload), now=NOW)
    assert import_rows(upload=upload, until=FOREVER, clock=lambda: NOW)

    look_through(upload=slow, now=NOW)

    upload.refresh_from_db()
    assert (upload.state, upload.problem, upload.source) == ("done", "", creator.sources.get())
    assert upload.statements.count() == 2


def test_a_slow_look_does_not_ask_again_what_was_answered_meanwhile(creator):
    upload = kept(creator, UNCLEAR)
    upload.mapping = {"name": "Till", "header": [*MEANING], "columns": MEANING}
    upload.save()
    slow = as_seen(upload)
    Upload.objects.filter(pk=upload.pk).update(decisions={"date_order": "day"})
    look_through(upload=as_seen(upload), now=NOW)

    look_through(upload=slow, now=NOW)

    assert slow.state == "asks"
    upload.refresh_from_db()
    assert (upload.state, upload.decisions) == ("ready", {"date_order": "day"})


def test_a_slow_look_does_not_bring_back_a_file_that_was_forgotten_meanwhile(creator):
    upload = kept(creator, stripe_file(ZOE))
    slow = as_seen(upload)
    upload.delete()

    with pytest.raises(Upload.DoesNotExist):
        look_through(upload=slow, now=NOW)

    assert not creator.uploads.exists()


def test_a_file_that_was_looked_through_is_not_looked_through_again_by_a_second_task(creator):
    upload = kept(creator, stripe_file(ZOE))
    look_through(upload=as_seen(upload), now=NOW)

    look_through_upload(upload.pk)

    assert as_seen(upload).heard_at == NOW
