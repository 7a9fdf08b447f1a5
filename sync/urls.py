"""Addresses of sync runs and of the journal."""

from django.urls import path

from sync.views import journal, runs

urlpatterns = [
    path("", runs.run_list, name="run-list"),
    path("sync/", runs.sync_now, name="sync-now"),
    path("connections/<int:pk>/resume/", runs.resume, name="connection-resume"),
    path("journal/", journal.operation_list, name="operation-list"),
    path("journal/<int:pk>/", journal.operation_page, name="operation"),
    path("journal/<int:pk>/look/", journal.look, name="operation-look"),
    path("journal/<int:pk>/decide/", journal.decide, name="operation-decide"),
]
