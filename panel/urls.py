"""Addresses of the dashboard and of health."""

from django.urls import path

from panel import money_views, search_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("money/", money_views.money_page, name="money"),
    path("logo", views.logo, name="logo"),
    path("search/", search_views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("styleguide/", views.styleguide_page, name="styleguide"),
]
