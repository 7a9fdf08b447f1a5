"""Addresses of numbers."""

from django.urls import path

from direct_numbers.views import numbers as views

urlpatterns = [
    path("", views.number_list, name="number-list"),
    path("<int:pk>/", views.number_page, name="number"),
    path("<int:pk>/refresh/", views.refresh, name="number-refresh"),
    path("<int:pk>/changes/", views.changes, name="number-changes"),
    path("<int:pk>/route/", views.route, name="number-route"),
    path("<int:pk>/caller-name/", views.caller_name, name="number-caller-name"),
    path("<int:pk>/autorenewal/", views.autorenewal, name="number-autorenewal"),
    path("<int:pk>/assign/", views.assign, name="number-assign"),
]
