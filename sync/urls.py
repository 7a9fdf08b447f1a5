"""Addresses of sync runs."""

from django.urls import path

from sync import views

urlpatterns = [
    path("", views.run_list, name="run-list"),
    path("sync/", views.sync_now, name="sync-now"),
    path("connections/<int:pk>/resume/", views.resume, name="connection-resume"),
]
