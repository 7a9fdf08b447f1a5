"""Addresses of notices."""

from django.urls import path

from notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("account/notices/", views.notice_settings, name="notice-settings"),
    path("account/notices/test/", views.notice_test, name="notice-test"),
]
