"""Files on Sources: brought, looked at, imported, taken back; what is wrong is said."""

import csv
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags

from revenue.models import Upload
from revenue.tasks.figures import recompute_creator
from revenue.tasks.files import import_upload, look_through_upload, undo_upload
from tests.factories import SkippedRowFactory, UploadFactory
from tests.revenue.bringing import stripe_file
from tests.revenue.test_uploading import FAILED, JOSE, REFUND, SOLD, ZOE, activity

pytestmark = pytest.mark.django_db
TABLE = "Kunde;Tag;Bezahlt\nzoe@example.org;13.02.2026;12,50\njose@example.com;01.03.2026;7,00\n"


@pytest.fixture
def bring(client, creator, django_capture_on_commit_callbacks):
    """Brings a file as the page does, with a worker that does what it is asked to."""

    def bring(content: str | bytes, name: str = "export.csv") -> Upload:
        content = content if isinstance(content, bytes) else content.encode()
        file = SimpleUploadedFile(name, content, "text/csv")
        with working(django_capture_on_commit_callbacks):
            answer = client.post(reverse("dashboard:bring_file", args=["low-tide"]), {"file": file})
        assert answer.status_code == 302
        return creator.uploads.newest().first()

    return bring


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    def send(name: str, upload: Upload, data: dict | None = None):
        with working(django_capture_on_commit_callbacks):
            address = reverse(f"dashboard:{name}", args=["low-tide", upload.pk])
            answer = client.post(address, data or {})
        upload.refresh_from_db()
        return answer

    return send


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch):
    """What would be queued is done when the request is over."""
    for task in (look_through_upload, import_upload, undo_upload):
        monkeypatch.setattr(task, "delay", task)
    monkeypatch.setattr(recompute_creator, "delay", recompute_creator)


def working(capture):
    return capture(execute=True)


def words(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(strip_tags(page)).split())


def page_of(client, upload: Upload) -> str:
    return client.get(reverse("dashboard:upload", args=["low-tide", upload.pk])).text


def test_what_would_come_of_a_file_is_shown_before_anything_counts(client, creator, bring):
    upload = bring(stripe_file(ZOE, JOSE, FAILED))

    page = page_of(client, upload)
    assert upload.state == "ready"
    assert "£149.00, £25.00 of it returned" in page
    assert "2, none of them known before" in page
    assert "The payment failed: nothing was charged." in page
    assert not creator.purchases.exists()


def test_a_file_is_imported_reported_and_taken_back(
    client, creator, bring, send, now, time_machine
):
    time_machine.move_to(now)
    upload = bring(stripe_file(ZOE, JOSE, FAILED))

    send("import_upload", upload)
    assert upload.state == "done"
    assert creator.purchases.count() == 2
    assert creator.fans.get(email="zoe@example.org").spend == 49_00
    report = client.get(reverse("dashboard:skipped_rows", args=["low-tide", upload.pk]))
    assert b"The payment failed" in b"".join(report.streaming_content)

    send("undo_upload", upload)
    assert upload.state == "undone"
    assert not creator.purchases.exists()


def test_what_was_left_out_is_a_table_that_a_spreadsheet_opens(client, creator):
    upload = UploadFactory(source__creator=creator)
    SkippedRowFactory(upload=upload, line=2, why="failed", cells=["-5", "Zoë\rMüller"])
    SkippedRowFactory(upload=upload, line=4, why="fee", detail="=1+1", cells=["only one"])

    report = client.get(reverse("dashboard:skipped_rows", args=["low-tide", upload.pk]))

    text = b"".join(report.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["line", "why", "what could not be read", "cell 1", "cell 2"],
        ["2", "The payment failed: nothing was charged.", "", "'-5", "Zoë\nMüller"],
        ["4", "A fee.", "'=1+1", "only one", ""],
    ]


def test_the_report_says_which_refunds_wait_for_their_payment(client, bring, send):
    upload = bring(activity(REFUND))
    send("import_upload", upload)
    assert "1 refund or dispute waits for its payment" in page_of(client, upload)
    assert "Line 2." in page_of(client, upload)

    send("import_upload", bring(activity(SOLD)))
    assert "waits for its payment" not in page_of(client, upload)


def test_a_table_of_nobody_known_is_asked_about_and_remembered(client, creator, bring, send):
    upload = bring(TABLE)
    assert upload.state == "asks"
    assert "What would come of it" not in page_of(client, upload)
    assert "What do its columns mean?" in page_of(client, upload)

    answer = send("answer_upload", upload, {"name": "Till"})
    assert answer.status_code == 422
    assert "Still to be said" in answer.text
    columns = {"column_0": "email", "column_1": "date", "column_2": "amount"}
    send("answer_upload", upload, {"name": "Till"} | columns)
    assert upload.state == "asks"  # nothing in it says which currency
    send("answer_upload", upload, {"currency": "EUR"})
    assert upload.state == "ready"
    send("import_upload", upload)

    assert upload.source.name == "Till"
    assert set(creator.purchases.values_list("amount", "currency")) == {
        (12_50, "EUR"),
        (7_00, "EUR"),
    }
    again = bring(TABLE)
    assert again.summary["is_remembered"]
    assert again.summary["name"] == "Till"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"%PDF-1.7 \x00\x01", "This is a PDF document."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This is a picture."),
        (b"PK\x03\x04 broken", "This ZIP file is damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(client, bring, content, sentence):
    upload = bring(content)
    assert upload.state == "failed"
    assert sentence in page_of(client, upload)


def test_sources_shows_what_was_brought(client, creator):
    UploadFactory(source__creator=creator, source__name="Gumroad", source__kind="file")
    page = client.get(reverse("dashboard:sources", args=["low-tide"])).text
    assert "Gumroad" in page
    assert "1 file" in page
    assert "export.csv" in page


def test_forgetting_a_file_that_was_only_looked_at_leaves_nothing(creator, bring, send, client):
    upload = bring(stripe_file(ZOE))
    address = reverse("dashboard:undo_upload", args=["low-tide", upload.pk])
    client.post(address)
    assert not Upload.objects.exists()


def test_a_file_that_was_brought_before_says_so_and_is_taken_back_with_a_true_word(
    client, creator, bring, send, now, time_machine
):
    time_machine.move_to(now)
    first = bring(stripe_file(ZOE, JOSE), "sales.csv")
    assert "in your books already" not in page_of(client, first)
    send("import_upload", first)

    again = bring(stripe_file(ZOE, JOSE), "sales (1).csv")
    day = first.created_at.strftime("%-d %B %Y")
    said = f"All 2 rows are in your books already (sales.csv of {day})."
    assert said in words(page_of(client, again))
    send("import_upload", again)
    assert said in words(page_of(client, again))

    send("undo_upload", first)
    page = words(page_of(client, first))
    assert "This copy counts no more." in page
    assert (
        f"What it said still counts: the same file was brought as sales (1).csv on {day}." in page
    )
    assert creator.purchases.count() == 2

    send("undo_upload", again)
    assert "What other files say of the same payments still does." in words(page_of(client, again))
    assert not creator.purchases.exists()


def test_of_a_longer_file_it_is_told_how_much_of_it_was_brought_before(client, bring, send):
    send("import_upload", bring(stripe_file(ZOE)))
    longer = bring(stripe_file(JOSE, ZOE, FAILED))

    assert "1 of its 3 rows are in your books already" in words(page_of(client, longer))


def test_what_was_taken_back_meanwhile_is_not_said_to_be_in_the_books(client, bring, send):
    first = bring(stripe_file(ZOE))
    send("import_upload", first)
    again = bring(stripe_file(ZOE))
    send("undo_upload", first)

    assert "in your books already" not in page_of(client, again)


def test_what_was_done_in_another_tab_is_over_and_no_error(creator, bring, send, client):
    upload = bring(stripe_file(ZOE))
    send("import_upload", upload)

    for name in ("import_upload", "answer_upload"):
        assert send(name, upload).url == f"/studio/low-tide/sources/files/{upload.pk}"
        assert "That was over already; nothing was done twice." in page_of(client, upload)
    assert creator.purchases.count() == 1


def test_a_file_that_was_forgotten_in_another_tab_is_over_too(creator, bring, client):
    upload = bring(stripe_file(ZOE))
    address = reverse("dashboard:undo_upload", args=["low-tide", upload.pk])
    client.post(address)

    for name in ("undo_upload", "import_upload"):
        answer = client.post(
            reverse(f"dashboard:{name}", args=["low-tide", upload.pk]), follow=True
        )
        assert "That was over already; nothing was done twice." in answer.text


def test_the_page_of_a_file_that_was_forgotten_says_so_and_leads_to_the_others(
    creator, bring, client
):
    upload = bring(stripe_file(ZOE))
    creator.uploads.all().delete()
    address = reverse("dashboard:upload", args=["low-tide", upload.pk])

    page = client.get(address)
    assert page.status_code == 404
    assert "This file is not here" in page.text
    assert 'href="/studio/low-tide/sources"' in page.text
    moving = client.get(address, headers={"HX-Request": "true", "HX-Target": "progress"})
    assert moving["HX-Refresh"] == "true"  # where it was being looked through


def test_a_file_that_a_worker_looks_through_is_not_forgotten_and_that_is_said(client, creator):
    upload = UploadFactory(source__creator=creator, state="received")

    address = reverse("dashboard:undo_upload", args=["low-tide", upload.pk])
    page = client.post(address, follow=True).text

    assert "being looked through. Forget it after that." in page
    assert creator.uploads.get() == upload


def test_a_file_that_is_imported_leads_home(client, creator, bring, send, now, time_machine):
    time_machine.move_to(now)
    upload = bring(stripe_file(ZOE, JOSE, FAILED))
    assert "It is all in." not in page_of(client, upload)

    send("import_upload", upload)

    page = " ".join(page_of(client, upload).split())
    assert "It is all in.</strong> 2 payments, 2 people. Nobody is a true friend yet." in page
    assert 'class="button is-primary" href="/studio/low-tide/">See how far you are' in page


def test_what_waits_stands_on_sources_until_it_is_imported(client, creator, bring, send):
    upload = bring(stripe_file(ZOE), "waits.csv")
    for _ in range(20):
        UploadFactory(source__creator=creator, name="imported.csv")

    page = words(sources_of(client))
    assert "Not imported yet Nothing of it counts." in page
    assert "waits.csv ready" in page

    send("import_upload", upload)
    assert "Not imported yet" not in sources_of(client)


def test_where_too_much_waits_it_is_said_what_to_do(client, creator, bring, monkeypatch):
    monkeypatch.setattr("revenue.uploading.MOST_WAITING", 1)
    bring(stripe_file(ZOE), "first.csv")
    bring(stripe_file(JOSE), "second.csv")

    page = words(sources_of(client))
    assert "more would wait than the 1 files and 1024 MB" in page
    assert "Import or forget one of those that are not imported yet" in page
    assert "Nothing of it was kept." in page
    assert [upload.name for upload in creator.uploads.all()] == ["first.csv"]


def sources_of(client) -> str:
    return client.get(reverse("dashboard:sources", args=["low-tide"])).text
