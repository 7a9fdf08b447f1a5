"""Addresses of numbers."""

from django.urls import path

from direct_numbers.views import assigning, bulk, bulk_labels, labels, number_list, prolonging
from direct_numbers.views import numbers as views

urlpatterns = [
    path("", number_list.number_list, name="number-list"),
    path("csv/", number_list.number_csv, name="number-csv"),
    path("columns/", number_list.choose_columns, name="number-columns"),
    path("views/", number_list.save_view, name="number-view-save"),
    path("views/<int:pk>/remove/", number_list.remove_view, name="number-view-remove"),
    path("prolong/", prolonging.several, name="numbers-prolong"),
    path("prolong/<uuid:batch>/", prolonging.result, name="prolong-result"),
    path("prolong/<uuid:batch>/progress/", prolonging.progress, name="prolong-progress"),
    path("assign/", assigning.several, name="numbers-assign"),
    path("autorenewal/", bulk.autorenewal, name="numbers-autorenewal"),
    path("route/", bulk.route, name="numbers-route"),
    path("caller-name/", bulk.caller_name, name="numbers-caller-name"),
    path("labels/", bulk_labels.several, name="numbers-labels"),
    path("changes/<uuid:batch>/", bulk.result, name="bulk-result"),
    path("changes/<uuid:batch>/progress/", bulk.progress, name="bulk-progress"),
    path("<int:pk>/", views.number_page, name="number"),
    path("<int:pk>/refresh/", views.refresh, name="number-refresh"),
    path("<int:pk>/changes/", views.changes, name="number-changes"),
    path("<int:pk>/route/", views.route, name="number-route"),
    path("<int:pk>/caller-name/", views.caller_name, name="number-caller-name"),
    path("<int:pk>/autorenewal/", views.autorenewal, name="number-autorenewal"),
    path("<int:pk>/prolong/", prolonging.one, name="number-prolong"),
    path("<int:pk>/sms/", views.receive_sms, name="number-sms"),
    path("<int:pk>/channels/", views.channels, name="number-channels"),
    path("<int:pk>/label/", labels.label, name="number-label"),
    path("<int:pk>/assign/", views.assign, name="number-assign"),
]
