from django.urls import path

from dashboard.views import (
    disconnect,
    entrance,
    home,
    income,
    people,
    plan,
    settings,
    sources,
    webhook,
)

app_name = "dashboard"
urlpatterns = [
    path("", entrance.entrance, name="entrance"),
    path("new", entrance.new, name="new"),
    path("<slug:handle>/", home.home, name="home"),
    path("<slug:handle>/people", people.people, name="people"),
    path("<slug:handle>/people/<int:pk>", people.person, name="person"),
    path("<slug:handle>/plan", plan.plan, name="plan"),
    path("<slug:handle>/income", income.purchases, name="purchases"),
    path("<slug:handle>/sources", sources.sources, name="sources"),
    path("<slug:handle>/sources/stripe", sources.connect_stripe, name="connect_stripe"),
    path("<slug:handle>/sources/<int:pk>/sync", sources.sync, name="sync"),
    path("<slug:handle>/sources/<int:pk>/webhook", webhook.add_secret, name="add_secret"),
    path(
        "<slug:handle>/sources/<int:pk>/webhook/forget",
        webhook.remove_secret,
        name="remove_secret",
    ),
    path("<slug:handle>/sources/<int:pk>/disconnect", disconnect.disconnect, name="disconnect"),
    path("<slug:handle>/settings", settings.settings, name="settings"),
]
