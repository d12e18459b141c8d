from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [
    path("enter/<slug:who>", views.enter, name="enter"),
    path("mail", views.mail, name="mail"),
]
