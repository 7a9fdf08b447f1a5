"""Addresses of document groups."""

from django.urls import path

from documents import views

urlpatterns = [
    path("", views.group_list, name="group-list"),
    path("new/", views.group_new, name="group-new"),
    path("<int:pk>/", views.group_page, name="group"),
    path("<int:pk>/edit/", views.group_edit, name="group-edit"),
    path("<int:pk>/assign/", views.group_assign, name="group-assign"),
]
