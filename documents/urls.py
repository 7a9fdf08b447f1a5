"""Addresses of document groups."""

from django.urls import path

from documents import assign_views, file_views, views

urlpatterns = [
    path("", views.group_list, name="group-list"),
    path("search/", views.group_search, name="group-search"),
    path("new/", views.group_new, name="group-new"),
    path("assign/", assign_views.several, name="groups-assign"),
    path("<int:pk>/", views.group_page, name="group"),
    path("<int:pk>/edit/", views.group_edit, name="group-edit"),
    path("<int:pk>/files/", file_views.group_upload, name="group-upload"),
    path("<int:pk>/papers/", file_views.group_papers, name="group-papers"),
    path("<int:pk>/refresh/", file_views.group_refresh, name="group-refresh"),
    path("files/<int:pk>/stop/", file_views.upload_stop, name="upload-stop"),
    path("files/<int:pk>/content/", file_views.upload_download, name="upload-download"),
    path("<int:pk>/assign/", views.group_assign, name="group-assign"),
]
