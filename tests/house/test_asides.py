"""Addresses that only take what a form sends."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_who_opens_one_is_told_what_happened(client):
    answer = client.get(reverse("demo:enter", args=["band"]), headers={"accept": "text/html"})

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "only takes what a form sends" in answer.text


def test_a_machine_gets_no_page(client):
    answer = client.get(reverse("demo:enter", args=["band"]), headers={"accept": "text/plain"})

    assert (answer.status_code, answer.content) == (405, b"")
