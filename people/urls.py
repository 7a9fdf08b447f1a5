"""Addresses of sign-in and customers."""

from django.urls import include, path

from people import views

urlpatterns = [
    path("", include("people.account_urls")),
    path("language/", views.set_language, name="set_language"),
    path("customers/", views.customer_list, name="customer-list"),
    path("customers/new/", views.customer_edit, name="customer-new"),
    path("customers/<int:pk>/", views.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/export/", views.customer_export, name="customer-export"),
    path("customers/<int:pk>/erase/", views.customer_erase, name="customer-erase"),
]
