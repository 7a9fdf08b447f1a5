"""Addresses of sync runs and of the journal."""

from django.urls import path

from sync.views import accounts, journal, runs

urlpatterns = [
    path("", runs.run_list, name="run-list"),
    path("sync/", runs.sync_now, name="sync-now"),
    path("connections/<int:pk>/resume/", runs.resume, name="connection-resume"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/add/", accounts.account_new, name="account-new"),
    path("accounts/import/", accounts.import_new, name="account-import"),
    path("accounts/import/<int:pk>/", accounts.import_page, name="account-import-result"),
    path("accounts/<int:pk>/", accounts.account_edit, name="account-edit"),
    path("accounts/<int:pk>/key-pair/", accounts.account_pair, name="account-pair"),
    path("accounts/<int:pk>/default/", accounts.account_default, name="account-default"),
    path("accounts/<int:pk>/pause/", accounts.account_pause, name="account-pause"),
    path("journal/", journal.operation_list, name="operation-list"),
    path("journal/<int:pk>/", journal.operation_page, name="operation"),
    path("journal/<int:pk>/look/", journal.look, name="operation-look"),
    path("journal/<int:pk>/decide/", journal.decide, name="operation-decide"),
]
