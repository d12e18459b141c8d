"""Files that mean harm, and accidents, at the page: a sentence each, and nothing half-stored."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from revenue.files.reading import MOST_BYTES
from revenue.models import Upload
from revenue.tasks.files import import_upload, look_through_upload
from tests.revenue.bringing import stripe_file
from tests.revenue.test_uploading import JOSE, ZOE
from truefans.bodies import MEGABYTE

pytestmark = pytest.mark.django_db
GIGABYTE = 1024**3
NO_TIME = timedelta()


@pytest.fixture
def bring(client, creator, queued):
    """Brings a file as the page does, and has it looked through."""

    def bring(content: bytes, name: str = "export.csv") -> Upload:
        file = SimpleUploadedFile(name, content)
        client.post(reverse("dashboard:bring_file", args=["low-tide"]), {"file": file})
        upload = creator.uploads.newest().first()
        look_through_upload(upload.pk)
        upload.refresh_from_db()
        return upload

    return bring


def page_of(client, upload: Upload) -> str:
    return client.get(reverse("dashboard:upload", args=["low-tide", upload.pk])).text


def zipped(content: bytes, times: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            archive.writestr(f"{number}.csv", content)
    return buffer.getvalue()


def with_a_long_list(members: int) -> bytes:
    """An archive of one file, whose list of members pretends to be of so many."""
    good = zipped(b"Name,Amount\nJane,5\n")
    begin, end = good.index(b"PK\1\2"), good.index(b"PK\5\6")
    listed, tail = good[begin:end] * members, bytearray(good[end:])
    tail[12:16] = len(listed).to_bytes(4, "little")
    return good[:begin] + listed + bytes(tail)


HOSTILE = {
    "a ZIP bomb": (zipped(b"Name,Amount\n" + b"0" * 20_000_000), "unpacks to far more than it"),
    "an endless list of members": (with_a_long_list(90_000), "unpacks to far more than it"),
    "an archive cut in the middle": (zipped(b"A,B\n1,2\n" * 999)[:60], "damaged or was cut off"),
    "a million columns": (b",".join([b"a"] * 1_000_000), "more than 2000 columns"),
    "binary rubbish": (bytes(range(256)) * 99, "holds no text"),
    "one endless line": (b"x" * 3_000_000, "no table in this file"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_export_is_refused_in_a_sentence_and_not_kept(client, bring, kind):
    content, sentence = HOSTILE[kind]
    upload = bring(content)

    assert upload.state == "failed"
    assert sentence in page_of(client, upload)
    assert not upload.parts.exists()


def test_of_a_file_cut_in_the_middle_what_was_whole_is_read(client, creator, bring):
    whole = stripe_file(ZOE, JOSE)
    upload = bring(whole[: len(whole) - 30].encode())

    assert "The file ends in the middle of this row." in page_of(client, upload)
    assert upload.summary["currencies"]["GBP"]["payments"] == 1


def test_two_gigabytes_are_refused_before_they_are_read(client, creator):
    address = reverse("dashboard:bring_file", args=["low-tide"])
    unread = Unread()
    answer = client.generic("POST", address, CONTENT_LENGTH=2 * GIGABYTE, **{"wsgi.input": unread})

    assert answer.status_code == 413
    assert "larger than 512 MB" in answer.text
    assert "Nothing of it was kept" in answer.text
    assert not Upload.objects.exists()


def test_of_a_stranger_no_file_is_read_and_they_are_asked_to_sign_in(creator):
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(reverse("account_login"))  # which gives the cookie that has forms looked into
    answer = stranger.generic(
        "POST",
        reverse("dashboard:bring_file", args=["low-tide"]),
        CONTENT_TYPE="multipart/form-data; boundary=x",
        CONTENT_LENGTH=20 * MEGABYTE,
        **{"wsgi.input": Unread()},
    )

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


class Unread(io.BytesIO):
    def read(self, *_):
        raise AssertionError("nothing of it may be read")


@pytest.mark.parametrize("length", [str(MOST_BYTES), "-5", "²", "9" * 99])
def test_no_other_page_takes_a_large_body(client, length):
    answer = client.generic(
        "POST", "/accounts/login/", CONTENT_LENGTH=length, **{"wsgi.input": Unread()}
    )
    assert answer.status_code == 413


def test_more_than_is_taken_is_refused_while_it_streams(client, creator, monkeypatch):
    monkeypatch.setattr("revenue.uploading.MOST_BYTES", 1000)
    file = SimpleUploadedFile("large.csv", b"x" * 2000)
    address = reverse("dashboard:bring_file", args=["low-tide"])
    page = client.post(address, {"file": file}, follow=True).text

    assert "Nothing of it was kept." in page
    assert not Upload.objects.exists()


def test_two_uploads_of_one_file_at_once_count_once(creator, bring, client, monkeypatch):
    monkeypatch.setattr("revenue.uploading.BATCH", 1)
    monkeypatch.setattr("revenue.tasks.files.TURN", NO_TIME)  # one batch, then the other's turn
    uploads = [bring(stripe_file(ZOE, JOSE).encode()) for _ in range(2)]
    for upload in uploads:
        client.post(reverse("dashboard:import_upload", args=["low-tide", upload.pk]))
    for _turn in range(3):
        for upload in uploads:
            import_upload(upload.pk)

    assert set(creator.uploads.values_list("state", flat=True)) == {"done"}
    assert sorted(creator.purchases.values_list("amount", flat=True)) == [49_00, 100_00]


def test_a_formula_in_a_file_runs_in_no_report(client, bring):
    row = ZOE.replace("Paid", "Failed").replace("Zoe@Example.org", '"=HYPERLINK(1)"')
    upload = bring(stripe_file(JOSE, row).encode(), name="=cmd.csv")
    client.post(reverse("dashboard:import_upload", args=["low-tide", upload.pk]))
    import_upload(upload.pk)

    report = client.get(reverse("dashboard:skipped_rows", args=["low-tide", upload.pk]))
    text = b"".join(report.streaming_content).decode()
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text
