"""Addresses of the dashboard and of health."""

from django.urls import path

from panel import search_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("logo", views.logo, name="logo"),
    path("search/", search_views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("styleguide/", views.styleguide_page, name="styleguide"),
]
