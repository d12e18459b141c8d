from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [
    path("enter/<slug:who>", views.enter, name="enter"),
    path("back", views.back, name="back"),
    path("mail", views.mail, name="mail"),
]
