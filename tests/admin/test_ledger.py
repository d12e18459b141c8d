"""What the books say is looked at and never touched."""

import re

import pytest

from fans.models import Creator, Fan, Identity
from revenue.models import Movement, Purchase, Return, Source
from revenue.packed import pack
from tests.admin.addresses import added, listed, of
from tests.admin.conftest import LEDGER

pytestmark = pytest.mark.django_db


def values(row) -> dict:
    return type(row).objects.filter(pk=row.pk).values().get()


@pytest.mark.parametrize("model", [*LEDGER, Identity])
def test_rows_of_the_ledger_are_only_read(admin, rows, model):
    row = rows[model]
    before = values(row)

    assert admin.get(added(model)).status_code == 403
    assert admin.post(added(model), dict.fromkeys(before, "9")).status_code == 403
    assert admin.post(of(row), dict.fromkeys(before, "9")).status_code == 403
    assert admin.get(of(row, "delete")).status_code == 403
    assert admin.post(of(row, "delete"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    admin.post(listed(model), chosen)

    assert values(row) == before
    page = admin.get(of(row)).content.decode()
    assert not re.search(r"<(input|textarea|select)[^>]* name=\"(?!csrf|_popup)", page)


@pytest.mark.parametrize("model", [Creator, Fan, Source])
def test_books_are_not_deleted_with_one_click(admin, rows, model):
    assert admin.post(of(rows[model], "delete"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": rows[model].pk, "post": "yes"}
    admin.post(listed(model), chosen)
    assert model.objects.filter(pk=rows[model].pk).exists()


@pytest.mark.parametrize("model", [Fan, Source])
def test_what_comes_with_payments_is_not_added_by_hand(admin, rows, model):
    assert admin.get(added(model)).status_code == 403


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (Movement, '{\n  "net": [\n    965\n  ]\n}'),
        (Return, '{\n  "id": "re_0"\n}'),
        (Purchase, '{\n  "balance": {\n    "nested": "ärger"\n  }\n}'),
    ],
)
def test_the_providers_answer_is_laid_out(admin, rows, model, text):
    page = admin.get(of(rows[model])).content.decode()
    assert text in page.replace("&quot;", '"')


def test_the_providers_answer_is_only_text(admin, rows):
    Movement.objects.update(raw=pack(b'{"name": "<script>alert(1)</script>"}'))
    page = admin.get(of(rows[Movement])).content.decode()
    assert "<script>alert" not in page


def test_of_a_fan_only_name_and_country_are_corrected(admin, rows):
    fan = rows[Fan]
    before = values(fan)

    changed = dict.fromkeys(before, "7") | {"name": "Ada Lovelace", "country": "GB"}
    assert admin.post(of(fan), changed).status_code == 302

    assert values(fan) == before | {"name": "Ada Lovelace", "country": "GB"}


def test_of_a_source_only_the_name_is_changed_and_the_key_stays(admin, rows):
    source = rows[Source]
    before = values(source)

    changed = dict.fromkeys(before, "7") | {"name": "The shop"}
    assert admin.post(of(source), changed).status_code == 302

    assert values(source) == before | {"name": "The shop"}
