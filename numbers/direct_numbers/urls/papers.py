"""Addresses of what papers suit."""

from django.urls import path

from direct_numbers.views import papers as views

urlpatterns = [
    path("<int:pk>/activates/", views.activates, name="group-activates"),
    path("<int:pk>/ask/", views.ask, name="group-ask"),
    path("<int:pk>/asked/", views.asked, name="group-asked"),
    path("<int:pk>/verify/<slug:remote_id>/", views.verify, name="group-verify"),
    path("for/", views.choose, name="papers-for"),
    path("for/<slug:remote_id>/", views.direction, name="direction-papers"),
    path("for/<slug:remote_id>/ask/", views.ask_page, name="direction-papers-ask"),
    path("changed/", views.changed, name="requirements-changed"),
]
