"""My team: inviting, coming in, what each may do, going, and who has the studio."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client

from fans import invitations
from fans.models import Creator, Invitation, Member
from fans.tasks import send_invitation, send_invitations
from tests.factories import (
    CreatorFactory,
    InvitationFactory,
    MemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TEAM = "/studio/low-tide/settings/team"
JOIN = "/studio/join"


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now, tick=False)
    cache.clear()


@pytest.fixture
def invite(client, creator, mailoutbox, django_capture_on_commit_callbacks):
    """`invite("ada@example.org", role="viewer")`: by the form; the link from the mail."""

    def send(email: str, role: str = "editor") -> str:
        with django_capture_on_commit_callbacks() as queued:
            assert client.post(TEAM, {"email": email, "role": role}).url == TEAM
        assert len(queued) == 1
        send_invitation(creator.invitations.get(email=email.lower()).pk)
        return link_in(mailoutbox[-1])

    return send


def link_in(mail) -> str:
    return re.search(r"http://\S+(/studio/join\?key=[\w-]{43})$", mail.body, re.M).group(1)


def person(email: str, *, confirmed: bool = True):
    user = UserFactory(email=email)
    user.emailaddress_set.create(email=email, verified=confirmed)
    return user


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member(creator, role: str, **fields) -> tuple[Member, Client]:
    found = MemberFactory(creator=creator, role=role, **fields)
    return found, signed_in(found.user)


# Inviting


def test_the_mail_brings_a_link_whose_secret_nobody_stores(client, creator, invite, mailoutbox):
    link = invite("Ada@Example.org", "viewer")

    invitation = creator.invitations.get()
    secret = link.partition("key=")[2]
    assert invitation.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert (invitation.email, invitation.role) == ("ada@example.org", "viewer")
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert "Low Tide invites you to their studio" in mail.subject
    assert f"{creator.owner} invites you into the studio of Low Tide" in mail.body
    assert "as viewer" in mail.body
    assert "until 29 November 2026" in mail.body
    assert "ada@example.org is invited, by mail." in client.get(TEAM).text


def test_a_mail_is_sent_once_however_often_its_task_runs(creator, invite, mailoutbox):
    invite("ada@example.org")
    stored = creator.invitations.get().digest

    send_invitation(creator.invitations.get().pk)

    assert len(mailoutbox) == 1
    assert creator.invitations.get().digest == stored


class Refusing(EmailBackend):
    """Stands for a mail server that knows no Ada; `asked()` happens while it is asked."""

    asked: Callable[[], object] = staticmethod(lambda: None)

    def send_messages(self, messages):
        type(self).asked()
        for mail in messages:
            if "ada@" in mail.to[0]:
                raise SMTPRecipientsRefused({mail.to[0]: (550, b"no such user")})
        return super().send_messages(messages)


def test_a_mail_that_could_not_be_sent_is_sent_later_with_another_secret(
    client, creator, mailoutbox, settings, queued, time_machine, now
):
    client.post(TEAM, {"email": "ada@example.org", "role": "editor"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    invitation = creator.invitations.get()
    send_invitation(invitation.pk)
    assert creator.invitations.get().digest is None
    assert "the mail is on its way" in client.get(TEAM).text

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    queued()
    send_invitations()
    assert queued() == []
    time_machine.move_to(now + Invitation.PAUSE, tick=False)
    send_invitations()

    assert queued() == [("fans.tasks.send_invitation", [invitation.pk])]
    send_invitation(invitation.pk)
    assert len(mailoutbox) == 1
    assert creator.invitations.get().digest


def test_a_mail_server_that_is_gone_is_tried_so_often_and_no_more(
    client, creator, settings, time_machine, now
):
    invitation = InvitationFactory(creator=creator, digest=None)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    for number in range(Invitation.ATTEMPTS + 2):
        time_machine.move_to(now + number * Invitation.PAUSE, tick=False)
        send_invitation(invitation.pk)

    invitation.refresh_from_db()
    assert invitation.tries == Invitation.ATTEMPTS
    assert invitation.failed_at == now + (Invitation.ATTEMPTS - 1) * Invitation.PAUSE


def test_an_address_that_is_refused_is_tried_once_said_to_the_team_and_never_logged(
    client, creator, settings, caplog, queued, mailoutbox
):
    client.post(TEAM, {"email": "ada@example.org", "role": "editor"})
    invitation = creator.invitations.get()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"

    send_invitation(invitation.pk)

    assert "the mail could not be sent" in client.get(TEAM).text
    assert "SMTPRecipientsRefused" in caplog.text
    assert "ada@example.org" not in caplog.text
    queued()
    send_invitations()
    assert queued() == []

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(f"/studio/low-tide/settings/invitations/{invitation.pk}/resend")
    assert "the mail is on its way" in client.get(TEAM).text
    send_invitation(invitation.pk)
    assert "the link works until" in client.get(TEAM).text
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_mail_that_is_being_sent_and_the_newest_counts(
    client, creator, settings, monkeypatch, mailoutbox
):
    invitation = InvitationFactory(creator=creator, digest=None, role="editor")
    again = {"email": invitation.email, "role": "viewer"}

    def meanwhile():
        monkeypatch.setattr(Refusing, "asked", lambda: None)
        assert not connection.in_atomic_block
        client.post(TEAM, again)

    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    monkeypatch.setattr(Refusing, "asked", meanwhile)
    for _ in range(2):
        send_invitation(invitation.pk)

    assert ["as editor" in mail.body for mail in mailoutbox] == [True, False]
    ada = signed_in(person(invitation.email))
    assert ada.get(link_in(mailoutbox[0]), follow=True).status_code == 404
    assert ada.get(link_in(mailoutbox[1]), follow=True).status_code == 200


def test_a_name_with_lines_in_it_makes_no_headers(creator, invite, mailoutbox):
    Creator.objects.update(name="Low\r\nBcc: all@example.org\nTide")

    invite("ada@example.org")

    assert mailoutbox[0].subject == "Low Bcc: all@example.org Tide invites you to their studio"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"email": "ada"}, "not an e-mail address"),
        ({"email": "a" * 250 + "@example.org"}, "not an e-mail address"),
        ({"email": ""}, "fill this in"),
        ({"email": "OWNER@example.org"}, "in the team already"),
        ({"email": "second@example.org"}, "in the team already"),
        ({"email": "here@example.org"}, "in the team already"),
        ({"role": "admin"}, "from the list"),
    ],
)
def test_what_cannot_be_invited_is_told_and_what_was_typed_is_kept(client, creator, typed, told):
    creator.owner.emailaddress_set.create(email="second@example.org", verified=True)
    creator.owner.email = "Owner@example.org"
    creator.owner.save()
    MemberFactory(creator=creator, user=person("here@example.org"))

    answer = client.post(TEAM, {"email": "ada@example.org", "role": "viewer"} | typed)

    assert answer.status_code == 422
    assert told in str(answer.context["form"].errors)
    kept = typed.get("email", "ada@example.org")
    assert f'value="{kept}"' in answer.text or not kept
    assert not Invitation.objects.exists()


def test_the_address_of_somebody_in_another_team_may_be_invited(client, creator, invite):
    MemberFactory(user=person("ada@example.org"))
    invite("ada@example.org")


def test_an_address_is_invited_once_and_the_newest_mail_counts(client, creator, invite):
    old = invite("ada@example.org", "editor")
    new = invite("ada@example.org", "viewer")

    assert creator.invitations.get().role == "viewer"
    ada = signed_in(person("ada@example.org"))
    assert ada.get(old, follow=True).status_code == 404
    assert ada.get(new, follow=True).status_code == 200


def test_an_invitation_is_sent_again_and_withdrawn(
    client, creator, invite, mailoutbox, django_capture_on_commit_callbacks
):
    old = invite("ada@example.org")
    invitation = creator.invitations.get()
    Invitation.objects.update(expires_at=invitation.expires_at - timedelta(days=8))
    assert "the link ran out on 21 November 2026" in client.get(TEAM).text

    with django_capture_on_commit_callbacks() as queued:
        client.post(f"/studio/low-tide/settings/invitations/{invitation.pk}/resend")
    assert len(queued) == 1
    send_invitation(invitation.pk)
    new = link_in(mailoutbox[-1])
    ada = signed_in(person("ada@example.org"))
    assert (ada.get(old, follow=True).status_code, ada.get(new, follow=True).status_code) == (
        404,
        200,
    )

    client.post(f"/studio/low-tide/settings/invitations/{invitation.pk}/withdraw")
    assert ada.get(new, follow=True).status_code == 404
    assert not Invitation.objects.exists()


def test_so_many_mails_are_sent_and_no_more(client, creator, monkeypatch):
    monkeypatch.setattr(invitations, "AN_HOUR", 2)
    for number in range(2):
        client.post(TEAM, {"email": f"ada{number}@example.org", "role": "editor"})

    answer = client.post(TEAM, {"email": "late@example.org", "role": "editor"})

    assert answer.status_code == 422
    assert "Please wait an hour" in answer.text
    assert 'value="late@example.org"' in answer.text
    assert creator.invitations.count() == 2


def test_nobody_is_written_to_by_many_studios(client, creator, monkeypatch):
    monkeypatch.setattr(invitations, "A_DAY", 1)
    other = CreatorFactory(owner=creator.owner, handle="other")
    client.post("/studio/other/settings/team", {"email": "ada@example.org", "role": "editor"})

    client.post(TEAM, {"email": "ada@example.org", "role": "editor"})

    assert (other.invitations.count(), creator.invitations.count()) == (1, 0)


# Coming in


def test_who_was_invited_joins_with_one_click_and_the_link_is_used_up(client, creator, invite):
    link = invite("ada@example.org", "viewer")
    ada = signed_in(person("ada@example.org"))

    opened = ada.get(link)
    assert opened.url == JOIN, "the secret leaves the address at once"
    page = ada.get(JOIN).text
    assert "Into the studio of Low Tide" in page
    assert f"{creator.owner} invites you as viewer." in page
    assert not Member.objects.exists()

    assert ada.post(JOIN).url == "/studio/low-tide/"
    assert Member.objects.get().role == "viewer"
    assert ada.get("/studio/low-tide/").status_code == 200
    assert not Invitation.objects.exists()
    again = ada.get(link, follow=True)
    assert again.status_code == 404
    assert "You are in the team" in again.text
    assert 'href="/studio/low-tide/"' in again.text
    assert "used up" in Client().get(link, follow=True).text
    assert "ada@example.org" in client.get(TEAM).text


def test_a_stranger_is_told_the_address_and_nothing_more(creator, invite):
    link = invite("ada@example.org", "viewer")
    stranger = Client()

    page = stranger.get(link, follow=True)

    assert "ada@example.org" in page.text
    for secret in ("Low Tide", "low-tide", creator.owner.email, "viewer"):
        assert secret not in page.text
    assert stranger.post(JOIN).url == f"/accounts/login/?next={JOIN}"
    assert not Member.objects.exists()


@pytest.mark.parametrize("confirmed", [None, False])
def test_who_has_not_confirmed_that_address_does_not_come_in(creator, invite, confirmed):
    link = invite("ada@example.org")
    other = person("ben@example.org")
    if confirmed is not None:
        other.emailaddress_set.create(email="ada@example.org", verified=False)
    ben = signed_in(other)

    page = ben.get(link, follow=True)
    assert "signed in as ben@example.org" in page.text
    assert "Low Tide" not in page.text

    answer = ben.post(JOIN)
    assert answer.url == f"/accounts/login/?next={JOIN}"
    assert not Member.objects.exists()
    assert "_auth_user_id" not in ben.session
    ben.force_login(person("ada@example.org"))
    assert "Into the studio of Low Tide" in ben.get(JOIN).text


def test_a_second_address_of_ones_account_is_as_good(creator, invite):
    link = invite("ada@example.org")
    ada = person("ben@example.org")
    ada.emailaddress_set.create(email="Ada@example.org", verified=True)
    client = signed_in(ada)

    client.get(link)
    client.post(JOIN)

    assert Member.objects.get().user == ada


def test_a_week_later_it_is_too_late(creator, invite, time_machine, now):
    link = invite("ada@example.org")
    ada = signed_in(person("ada@example.org"))
    ada.get(link)
    time_machine.move_to(now + timedelta(days=7), tick=False)

    assert ada.get(JOIN).status_code == 404
    assert ada.post(JOIN).status_code == 404
    assert not Member.objects.exists()


def test_who_is_in_the_team_already_keeps_their_role(creator, invite):
    here, ada = member(creator, "owner")
    link = invite("ada@example.org", "viewer")
    here.user.emailaddress_set.create(email="ada@example.org", verified=True)

    ada.get(link)
    ada.post(JOIN)

    assert Member.objects.get().role == "owner"
    assert not Invitation.objects.exists()


def test_the_one_whose_studio_it_is_is_no_member_of_it(client, creator, invite):
    link = invite("ada@example.org", "viewer")
    creator.owner.emailaddress_set.create(email="ada@example.org", verified=True)

    client.get(link)
    client.post(JOIN)

    assert not Member.objects.exists()


def test_a_link_that_means_nothing_says_so(client):
    for path in (JOIN, f"{JOIN}?key=x"):
        assert client.get(path, follow=True).status_code == 404
    assert client.post(JOIN).status_code == 404


def test_an_unsent_invitation_opens_by_no_link(client, creator):
    InvitationFactory(creator=creator, digest=None)
    assert client.get(JOIN).status_code == 404


# Roles, and going


def test_a_role_is_changed_and_holds_at_once(client, creator):
    here, ada = member(creator, "viewer")
    assert ada.post("/studio/low-tide/settings/words").status_code == 403

    client.post(f"{TEAM}/{here.pk}/role", {"role": "editor"})

    assert ada.post("/studio/low-tide/settings/words").status_code == 422
    assert f"{here} is editor from now on." in client.get(TEAM).text
    assert client.post(f"{TEAM}/{here.pk}/role", {"role": "king"}).status_code == 422
    here.refresh_from_db()
    assert here.role == "editor"


def test_who_is_removed_is_out_at_once(client, creator):
    here, ada = member(creator, "owner")

    client.post(f"{TEAM}/{here.pk}/remove")

    assert ada.get("/studio/low-tide/").status_code == 404
    assert not Member.objects.exists()


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_everybody_may_leave_a_team(creator, role):
    _here, ada = member(creator, role)
    assert "Leave the team" in ada.get(TEAM).text

    answer = ada.post(f"{TEAM}/quit")

    assert answer.url == "/studio/"
    assert ada.get("/studio/low-tide/").status_code == 404


def test_whose_the_studio_is_can_neither_leave_nor_be_removed_nor_demoted(client, creator):
    _other, ada = member(creator, "owner")
    assert "Leave the team" not in client.get(TEAM).text

    assert client.post(f"{TEAM}/quit").url == TEAM
    assert "Hand it over to another owner first." in client.get(TEAM).text
    # A row that an admin made is none of the team's.
    ghost = MemberFactory(creator=creator, user=creator.owner, role="viewer")
    assert ada.post(f"{TEAM}/{ghost.pk}/role", {"role": "viewer"}).status_code == 404
    assert ada.post(f"{TEAM}/{ghost.pk}/remove").status_code == 404
    assert client.get("/studio/low-tide/").status_code == 200
    assert client.post("/studio/low-tide/settings/words").status_code == 422


def test_the_studio_is_handed_over_to_another_owner(client, creator):
    was = creator.owner
    heir, ada = member(creator, "owner")
    assert "Hand the studio over" in client.get(TEAM).text
    assert "Hand the studio over" not in ada.get(TEAM).text

    client.post(f"{TEAM}/{heir.pk}/hand-over")

    creator.refresh_from_db()
    assert creator.owner == heir.user
    [left] = Member.objects.all()
    assert (left.user, left.role) == (was, "owner")
    assert f"The studio is {heir}’s now." in client.get(TEAM).text
    assert client.post(f"{TEAM}/quit").url == "/studio/"
    assert ada.get("/studio/low-tide/").status_code == 200


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_an_owner_can_be_given_the_studio(client, creator, role):
    here, _ = member(creator, role)
    assert "Hand the studio over" not in client.get(TEAM).text

    assert client.post(f"{TEAM}/{here.pk}/hand-over").status_code == 404
    creator.refresh_from_db()
    assert creator.owner != here.user


def test_nobody_takes_the_studio_for_themselves(creator):
    me, ada = member(creator, "owner")
    assert ada.post(f"{TEAM}/{me.pk}/hand-over").status_code == 404
    creator.refresh_from_db()
    assert creator.owner != me.user


def test_members_of_another_studio_are_not_here(client, creator):
    other = MemberFactory(role="owner")
    invited = InvitationFactory(creator=other.creator)
    paths = [f"{TEAM}/{other.pk}/{act}" for act in ("role", "remove", "hand-over")]
    paths += [
        f"/studio/low-tide/settings/invitations/{invited.pk}/{act}"
        for act in ("resend", "withdraw")
    ]
    for path in paths:
        assert client.post(path, {"role": "viewer"}).status_code == 404
    assert Member.objects.get().role == "owner"
    assert Invitation.objects.exists()


def test_who_may_not_change_the_team_sees_it_without_forms(creator):
    InvitationFactory(creator=creator, email="ben@example.org")
    for role in ("editor", "viewer"):
        here, ada = member(creator, role)
        page = ada.get(TEAM).text
        assert creator.owner.email in page
        assert here.user.email in page
        assert "ben@example.org" in page
        assert "Send the invitation" not in page
        assert "Withdraw" not in page
        assert page.count("<form") == 2, "signing out, and leaving the team"


def test_the_team_costs_the_same_queries_however_large_it_is(
    client, creator, django_assert_num_queries
):
    for _ in range(2):
        MemberFactory.create_batch(5, creator=creator)
        InvitationFactory.create_batch(5, creator=creator)
        with django_assert_num_queries(6):
            client.get(TEAM)
