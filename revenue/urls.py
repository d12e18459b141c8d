from django.urls import path

from revenue import webhooks

app_name = "revenue"
urlpatterns = [
    path("stripe/<int:source_id>", webhooks.stripe, name="stripe_webhook"),
    path("<slug:platform>/<str:address>", webhooks.live, name="live_webhook"),
]
