"""Files that were looked through and never imported: so many are kept, and for so long."""

import threading

import pytest
from django.db import connection, transaction

from revenue import uploading
from revenue.models import Upload, UploadPart
from revenue.tasks.files import forget_files
from revenue.uploading import TooMuchWaits, begin_import, receive
from tests.factories import NOW, CreatorFactory, UploadFactory
from tests.revenue.bringing import stripe_file
from tests.revenue.test_uploading import ZOE, somebody_waits
from tests.revenue.workers import wait_until

pytestmark = pytest.mark.django_db
CONTENT = stripe_file(ZOE).encode()


@pytest.fixture
def creator():
    return CreatorFactory(currency="GBP")


def receive_one(creator) -> Upload:
    return receive(
        creator=creator, by=None, name="x.csv", size=len(CONTENT), chunks=[CONTENT], now=NOW
    )


def test_of_so_many_files_that_wait_one_more_is_refused_and_not_kept(creator, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_WAITING", 2)
    for _ in range(2):
        receive_one(creator)

    with pytest.raises(TooMuchWaits):
        receive_one(creator)

    assert creator.uploads.count() == 2
    assert receive_one(CreatorFactory())  # what waits of others takes nobody's room


def test_of_so_many_bytes_that_wait_no_more_are_written(creator, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_BYTES_WAITING", 2 * len(CONTENT) - 1)
    receive_one(creator)

    def unread():
        raise AssertionError("nothing of it may be read")
        yield b""

    with pytest.raises(TooMuchWaits):
        receive(creator=creator, by=None, name="x.csv", size=len(CONTENT), chunks=unread(), now=NOW)


def test_a_file_that_is_longer_than_was_said_gets_no_more_room(creator, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_BYTES_WAITING", len(CONTENT) - 1)

    with pytest.raises(TooMuchWaits):
        receive(creator=creator, by=None, name="x.csv", size=0, chunks=[CONTENT], now=NOW)

    assert not UploadPart.objects.exists()


def test_a_file_that_is_imported_or_failed_or_taken_back_takes_no_room(creator, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_WAITING", 1)
    begin_import(upload=receive_one(creator), now=NOW)
    UploadFactory(source__creator=creator, state="done")
    UploadFactory(source__creator=creator, state="failed", problem="It is empty.")
    UploadFactory(source__creator=creator, state="undone")

    assert receive_one(creator)


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_do_not_both_take_the_last_place(creator, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_WAITING", 1)
    refused = []

    def bring_another():
        try:
            receive_one(creator)
        except TooMuchWaits as problem:
            refused.append(problem)
        connection.close()

    other = threading.Thread(target=bring_another)
    with transaction.atomic():
        receive_one(creator)
        other.start()
        wait_until(somebody_waits, seconds=20)
    other.join(20)

    assert len(refused) == 1
    assert creator.uploads.count() == 1


def test_a_file_that_nobody_comes_back_to_is_forgotten_and_one_that_counts_never(
    creator, time_machine
):
    counts, waits = receive_one(creator), receive_one(creator)
    begin_import(upload=counts, now=NOW)

    time_machine.move_to(NOW + Upload.KEPT)
    forget_files()
    assert creator.uploads.count() == 2
    time_machine.move_to(NOW + 2 * Upload.KEPT)
    forget_files()

    assert list(creator.uploads.all()) == [counts]
    assert not UploadPart.objects.filter(upload_id=waits.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_begins_to_count_meanwhile_is_not_forgotten(creator):
    upload = receive_one(creator)
    forgotten = []

    def forget():
        forgotten.append(Upload.objects.filter(pk=upload.pk).waiting().forget())
        connection.close()

    other = threading.Thread(target=forget)
    with transaction.atomic():
        begin_import(upload=upload, now=NOW)
        other.start()
        wait_until(somebody_waits, seconds=20)
    other.join(20)

    assert forgotten == [0]
    assert creator.uploads.get().state == Upload.State.IMPORTING
