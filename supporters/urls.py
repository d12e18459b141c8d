from django.urls import path

from supporters import claiming, views

app_name = "supporters"
urlpatterns = [
    path("", views.welcome, name="welcome"),
    path("@<slug:handle>", views.page, name="page"),
    path("claim/<str:code>", claiming.claim, name="claim"),
    path("me", views.mine, name="mine"),
    path("me/@<slug:handle>", views.receipts, name="receipts"),
    path("definitions", views.definitions, name="definitions"),
]
