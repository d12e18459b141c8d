"""Signing in: one form for everybody, a code by mail, and nothing told to strangers."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from fans.models import Fan, Proposal, User
from revenue.tasks.figures import propose_proved_addresses
from supporters.sign_in import unconfirmed_accounts
from supporters.tasks import forget_unconfirmed_accounts
from tests.factories import CreatorFactory, FanFactory, IdentityFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = reverse("account_login")
CONFIRM = reverse("account_confirm_login_code")
CODE = re.compile(r"[A-Z]{4}-[A-Z]{4}")


@pytest.fixture(autouse=True)
def _no_rate_is_used_up():
    cache.clear()
    yield
    cache.clear()


def ask_for_code(client, address: str):
    return client.post(LOGIN, {"login": address})


def code_in(mail) -> str:
    return CODE.search(mail.body).group()


def sign_in(client, mailoutbox, address: str, **extra):
    ask_for_code(client, address)
    return client.post(CONFIRM, {"code": code_in(mailoutbox[-1])} | extra)


def test_the_code_from_the_mail_lets_a_known_person_in(client, mailoutbox):
    user = UserFactory(email="ada@example.com")
    response = ask_for_code(client, "ada@example.com")
    assert response.status_code == 302
    assert response.url == CONFIRM
    assert mailoutbox[-1].to == ["ada@example.com"]
    response = client.post(CONFIRM, {"code": code_in(mailoutbox[-1])})
    assert response.url == reverse("dashboard:entrance")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_who_has_asked_often_enough_is_not_told_to_ask_for_another_code(client):
    ask_for_code(client, "ada@example.com")
    assert "then ask for another" in client.get(CONFIRM).text
    while "Send another code" in client.get(CONFIRM).text:
        client.post(CONFIRM, {"action": "resend"})

    page = client.get(CONFIRM).text
    assert "then ask for another" not in page
    assert "begin anew with “Use another address”" in page


def test_somebody_new_comes_in_by_the_same_form(client, mailoutbox):
    sign_in(client, mailoutbox, "new@example.com")
    user = User.objects.get(email="new@example.com")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert not user.has_usable_password()
    assert not user.is_staff
    assert not user.is_superuser


def test_a_fan_known_from_payments_finds_their_records(client, mailoutbox):
    fan = IdentityFactory(fan__email="zoe@example.com").fan
    ask_for_code(client, "Zoe@Example.com")
    user = User.objects.get(email="zoe@example.com")
    assert not Fan.objects.of(user).exists()
    client.post(CONFIRM, {"code": code_in(mailoutbox[-1])})
    assert list(Fan.objects.of(user)) == [fan]


def test_an_address_in_another_script_finds_its_records(client, mailoutbox):
    fan = IdentityFactory(fan__email="zoe@xn--mnchen-3ya.example").fan
    sign_in(client, mailoutbox, "zoe@münchen.example")
    user = User.objects.get(email="zoe@xn--mnchen-3ya.example")
    assert list(Fan.objects.of(user)) == [fan]


def test_an_account_made_by_a_command_has_its_address_confirmed_by_the_code(client, mailoutbox):
    User.objects.create_superuser("admin@example.com")
    response = sign_in(client, mailoutbox, "admin@example.com")
    assert response.url == reverse("dashboard:entrance")
    assert len(mailoutbox) == 1
    assert EmailAddress.objects.get().verified


def test_known_and_unknown_addresses_look_alike(client, mailoutbox):
    UserFactory(email="known1@example.com")
    IdentityFactory(fan__email="payer1@example.com")
    seen = set()
    for address in ("known1@example.com", "payer1@example.com", "nobody@example.com"):
        client.logout()
        client.session.flush()
        asked = ask_for_code(client, address)
        page = client.get(asked.url).text
        mail = mailoutbox[-1]
        text = re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page).replace(address, "ADDRESS")
        seen.add(
            (
                asked.status_code,
                asked.url,
                text,
                CODE.sub("CODE", mail.subject),
                CODE.sub("CODE", mail.body),
            )
        )
    assert len(mailoutbox) == 3
    assert len(seen) == 1


def test_an_address_that_is_none_is_refused_and_kept_in_the_form(client, mailoutbox):
    for wrong in ("ada", "ada@", "a" * 250 + "@example.com", "ada@exa mple.com"):
        page = ask_for_code(client, wrong)
        assert page.status_code == 200
        assert 'aria-invalid="true"' in page.text
    assert not mailoutbox
    assert not User.objects.exists()


def test_a_wrong_code_is_told_politely_and_three_of_them_end_it(client, mailoutbox):
    ask_for_code(client, "ada@example.com")
    for _ in range(2):
        assert "not the code from the latest mail" in client.post(CONFIRM, {"code": "XXXX"}).text
    assert client.post(CONFIRM, {"code": "XXXX"}).status_code == 302
    client.post(CONFIRM, {"code": code_in(mailoutbox[-1])})
    assert "_auth_user_id" not in client.session
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_a_code_is_of_no_use_in_another_browser(client, mailoutbox):
    from django.test import Client

    ask_for_code(client, "ada@example.com")
    stranger = Client()
    stranger.post(CONFIRM, {"code": code_in(mailoutbox[-1])})
    assert "_auth_user_id" not in stranger.session


def test_a_code_grows_old(client, mailoutbox, now):
    with time_machine.travel(now, tick=False) as clock:
        ask_for_code(client, "ada@example.com")
        clock.shift(timedelta(minutes=16))
        client.post(CONFIRM, {"code": code_in(mailoutbox[-1])})
    assert "_auth_user_id" not in client.session


def test_another_code_can_be_sent_and_replaces_the_first(client, mailoutbox):
    ask_for_code(client, "ada@example.com")
    client.post(CONFIRM, {"action": "resend"})
    first, second = mailoutbox
    assert code_in(first) != code_in(second)
    assert client.post(CONFIRM, {"code": code_in(first)}).status_code == 200
    client.post(CONFIRM, {"code": code_in(second)})
    assert "_auth_user_id" in client.session


def test_too_many_codes_for_one_address_are_refused_politely(mailoutbox):
    from django.test import Client

    for _ in range(3):
        assert ask_for_code(Client(), "ada@example.com").status_code == 302
    refused = ask_for_code(Client(), "ada@example.com")
    assert "Too many tries" in refused.text
    assert len(mailoutbox) == 3


def test_too_many_codes_from_one_place_are_refused_in_the_look_of_the_product(mailoutbox):
    from django.test import Client

    answers = [ask_for_code(Client(), f"p{number}@example.com") for number in range(31)]
    refused = [answer for answer in answers if answer.status_code != 302]
    assert refused
    assert all('<main class="page' in answer.text for answer in refused)
    assert answers[-1].status_code == 429
    assert len(mailoutbox) == 20


def test_after_signing_in_one_is_where_one_wanted_to_be(client, mailoutbox):
    wanted = reverse("supporters:mine")
    asked = client.get(wanted)
    assert asked.url == f"{LOGIN}?next={wanted}"
    confirm = client.post(asked.url, {"login": "ada@example.com", "next": wanted}).url
    page = client.get(confirm).text
    assert f'name="next" value="{wanted}"' in page
    done = client.post(CONFIRM, {"code": code_in(mailoutbox[-1]), "next": wanted})
    assert done.url == wanted


def test_nobody_is_sent_to_a_foreign_site_after_signing_in(client, mailoutbox):
    done = sign_in(client, mailoutbox, "ada@example.com", next="https://evil.example/")
    assert done.url == reverse("dashboard:entrance")


def test_nothing_asks_for_a_password(client, admin_client):
    assert 'type="password"' not in client.get(LOGIN).text
    for path in ("change/", "set/", "reset/", "reset/done/", "reset/key/done/"):
        assert client.get(f"/accounts/password/{path}").status_code == 404
        assert admin_client.get(f"/accounts/password/{path}").status_code == 404


def test_signing_up_is_signing_in(client):
    for name in ("account_signup", "account_request_login_code"):
        answer = client.get(reverse(name) + "?next=/me")
        assert (answer.status_code, answer.url) == (302, f"{LOGIN}?next=/me")


def test_a_closed_account_stays_closed(client, mailoutbox):
    UserFactory(email="ada@example.com", is_active=False)
    response = sign_in(client, mailoutbox, "ada@example.com")
    assert response.url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


def test_one_more_address_counts_when_its_code_is_typed(client, mailoutbox):
    fan = IdentityFactory(fan__email="other@example.org").fan
    sign_in(client, mailoutbox, "ada@example.com")
    user = User.objects.get(email="ada@example.com")
    added = client.post(
        reverse("account_email"), {"action_add": "", "email": "Other@Example.org"}, follow=True
    )
    assert added.status_code == 200
    assert not Fan.objects.of(user).exists()
    code = code_in(mailoutbox[-1])
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert list(Fan.objects.of(user)) == [fan]


def test_who_proves_an_address_of_another_record_is_told_nothing_and_their_creator_is_asked(
    client, mailoutbox, queued, django_capture_on_commit_callbacks
):
    mine = IdentityFactory(fan__email="ada@example.com", fan__name="Ada").fan
    other = FanFactory(creator=mine.creator, email="a.quill@example.org", name="Ada Quill")
    IdentityFactory(fan=other)
    pages = []
    sign_in(client, mailoutbox, "ada@example.com")
    client.get(reverse("account_email"))  # what was said of signing in is read
    for address in ("nobody@example.org", "a.quill@example.org"):
        client.post(reverse("account_email"), {"action_add": "", "email": address})
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(
                reverse("account_email_verification_sent"),
                {"code": code_in(mailoutbox[-1])},
                follow=True,
            )
        page = answer.text.replace(address, "x@example.org")
        # What they paid with it is theirs to see, and tells of no other record.
        page = re.sub("(?s)<article.*?</article>", "", page)
        pages.append(re.sub('(nonce|value)="[^"]+"|"X-CSRFToken": "[^"]+"|\\s+', "", page))
        user = User.objects.get(email="ada@example.com")
        assert queued() == [("revenue.tasks.figures.propose_proved_addresses", [user.pk])]
        cache.clear()

    propose_proved_addresses(user.pk)

    assert pages[0] == pages[1]
    assert set(Fan.objects.of(user)) == {mine, other}
    pair = Proposal.objects.get()
    assert (pair.creator, {pair.first, pair.second}) == (mine.creator, {mine, other})


def test_the_secret_of_an_authenticator_app_rests_encrypted():
    from supporters.sign_in import MFAAdapter

    hidden = MFAAdapter().encrypt("SECRET")
    assert "SECRET" not in hidden
    assert MFAAdapter().decrypt(hidden) == "SECRET"


def test_accounts_that_nobody_confirmed_are_forgotten_after_a_day(client, mailoutbox, now):
    with time_machine.travel(now, tick=False):
        ask_for_code(client, "typo@exmaple.com")
        client.session.flush()
        sign_in(client, mailoutbox, "ada@example.com")
    with_creator = CreatorFactory(owner__email="c@example.com", owner__date_joined=now).owner
    made_by_hand = UserFactory(date_joined=now)
    EmailAddress.objects.create(user=with_creator, email=with_creator.email)
    assert not unconfirmed_accounts(now + timedelta(hours=23)).exists()
    with time_machine.travel(now + timedelta(hours=25)):
        forget_unconfirmed_accounts()
    kept = set(User.objects.values_list("email", flat=True))
    assert kept == {"ada@example.com", with_creator.email, made_by_hand.email}


def test_who_asks_again_has_another_day(client, mailoutbox, now):
    with time_machine.travel(now, tick=False) as clock:
        ask_for_code(client, "ada@example.com")
        client.session.flush()
        clock.shift(timedelta(hours=30))
        ask_for_code(client, "ada@example.com")
        forget_unconfirmed_accounts()
        client.post(CONFIRM, {"code": code_in(mailoutbox[-1])})
        assert "_auth_user_id" in client.session
