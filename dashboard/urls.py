from django.urls import path, register_converter

from dashboard.views import (
    disconnect,
    entrance,
    home,
    income,
    leaving,
    letters,
    milestones,
    people,
    perks,
    person,
    plan,
    review,
    settings,
    sources,
    takeout,
    team,
    tiers,
    today,
    uploads,
    webhook,
)


class YearConverter:
    """A year of four digits."""

    regex = r"[1-9][0-9]{3}"
    to_python = int
    to_url = str


register_converter(YearConverter, "yyyy")

app_name = "dashboard"
urlpatterns = [
    path("", entrance.entrance, name="entrance"),
    path("new", entrance.new, name="new"),
    path("join", team.join, name="join"),
    path("<slug:handle>/", home.home, name="home"),
    path("<slug:handle>/people", people.people, name="people"),
    path("<slug:handle>/plan", plan.plan, name="plan"),
    path("<slug:handle>/today", today.today, name="today"),
    path("<slug:handle>/today/more", today.more, name="one_more"),
    path("<slug:handle>/today/<int:pk>/word", today.word, name="turn_word"),
    path("<slug:handle>/today/<int:pk>/later", today.later, name="turn_later"),
    path("<slug:handle>/today/<int:pk>/undo", today.undo, name="turn_undo"),
    path("<slug:handle>/people/<int:pk>", person.person, name="person"),
    path("<slug:handle>/people/<int:pk>/edit", person.edit, name="person_edit"),
    path("<slug:handle>/people/<int:pk>/touches", person.add, name="person_add"),
    path(
        "<slug:handle>/people/<int:pk>/touches/<int:touch>/forget",
        person.forget,
        name="touch_forget",
    ),
    path("<slug:handle>/people/<int:pk>/notes/<int:note>", person.note, name="note"),
    path(
        "<slug:handle>/people/<int:pk>/notes/<int:note>/delete",
        person.delete_note,
        name="note_delete",
    ),
    path("<slug:handle>/people/<int:pk>/tags", person.tag, name="person_tag"),
    path(
        "<slug:handle>/people/<int:pk>/tags/<int:tagging>/remove", person.untag, name="person_untag"
    ),
    path("<slug:handle>/people/<int:pk>/letter", letters.letter, name="letter"),
    path(
        "<slug:handle>/people/<int:pk>/letter/<int:letter>/again",
        letters.again,
        name="letter_again",
    ),
    path(
        "<slug:handle>/people/<int:pk>/letter/<int:letter>/drop", letters.drop, name="letter_drop"
    ),
    path("<slug:handle>/income", income.purchases, name="purchases"),
    path("<slug:handle>/tiers", tiers.tiers, name="tiers"),
    path("<slug:handle>/tiers/new", tiers.edit, name="new_tier"),
    path("<slug:handle>/tiers/<int:pk>", tiers.edit, name="edit_tier"),
    path("<slug:handle>/tiers/<int:pk>/remove", tiers.remove, name="remove_tier"),
    path("<slug:handle>/tiers/<int:pk>/perks/new", perks.new, name="new_perk"),
    path("<slug:handle>/perks/<int:pk>", perks.perk, name="perk"),
    path("<slug:handle>/perks/<int:pk>/tick", perks.tick, name="tick"),
    path("<slug:handle>/perks/<int:pk>/untick", perks.untick, name="untick"),
    path("<slug:handle>/perks/<int:pk>/labels", perks.labels, name="labels"),
    path("<slug:handle>/perks/<int:pk>/edit", perks.edit, name="edit_perk"),
    path("<slug:handle>/perks/<int:pk>/remove", perks.remove, name="remove_perk"),
    path("<slug:handle>/milestones", milestones.milestones, name="milestones"),
    path("<slug:handle>/milestones/<int:seat>.png", milestones.card, name="card"),
    path("<slug:handle>/review", review.latest, name="latest_review"),
    path("<slug:handle>/review/<yyyy:year>", review.review, name="review"),
    path("<slug:handle>/sources", sources.sources, name="sources"),
    path("<slug:handle>/sources/stripe", sources.connect_stripe, name="connect_stripe"),
    path("<slug:handle>/sources/file", uploads.bring, name="bring_file"),
    path("<slug:handle>/sources/files/<int:pk>", uploads.upload, name="upload"),
    path("<slug:handle>/sources/files/<int:pk>/answer", uploads.answer, name="answer_upload"),
    path("<slug:handle>/sources/files/<int:pk>/import", uploads.import_it, name="import_upload"),
    path("<slug:handle>/sources/files/<int:pk>/undo", uploads.take_back, name="undo_upload"),
    path("<slug:handle>/sources/files/<int:pk>/left-out", uploads.skipped, name="skipped_rows"),
    path("<slug:handle>/sources/<int:pk>/sync", sources.sync, name="sync"),
    path("<slug:handle>/sources/<int:pk>/webhook", webhook.add_secret, name="add_secret"),
    path(
        "<slug:handle>/sources/<int:pk>/webhook/forget",
        webhook.remove_secret,
        name="remove_secret",
    ),
    path("<slug:handle>/sources/<int:pk>/disconnect", disconnect.disconnect, name="disconnect"),
    path("<slug:handle>/settings", settings.settings, name="settings"),
    path("<slug:handle>/settings/words", settings.words, name="words"),
    path("<slug:handle>/settings/place", settings.place, name="place"),
    path("<slug:handle>/settings/security", settings.security, name="security"),
    path("<slug:handle>/settings/team", team.team, name="team"),
    path("<slug:handle>/settings/team/quit", team.quit_team, name="quit_team"),
    path("<slug:handle>/settings/team/<int:pk>/role", team.change_role, name="change_role"),
    path("<slug:handle>/settings/team/<int:pk>/remove", team.remove, name="remove_member"),
    path("<slug:handle>/settings/team/<int:pk>/hand-over", team.hand_over, name="hand_over"),
    path("<slug:handle>/settings/invitations/<int:pk>/resend", team.resend, name="resend"),
    path("<slug:handle>/settings/invitations/<int:pk>/withdraw", team.withdraw, name="withdraw"),
    path("<slug:handle>/settings/export", takeout.takeout, name="takeout"),
    path("<slug:handle>/settings/export/everything.zip", takeout.download, name="download"),
    path("<slug:handle>/settings/leaving", leaving.leaving, name="leaving"),
    path("<slug:handle>/closed", leaving.reopen, name="stay"),
]
