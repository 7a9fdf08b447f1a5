"""Addresses of the renewal calendar."""

from django.urls import path

from direct_numbers.views import calendar as views

urlpatterns = [
    path("", views.renewal_calendar, name="renewal-calendar"),
    path("address/", views.make_feed, name="calendar-feed-make"),
    path("address/off/", views.revoke_feed, name="calendar-feed-revoke"),
    path("feed/<slug:token>.ics", views.feed, name="calendar-feed"),
]
