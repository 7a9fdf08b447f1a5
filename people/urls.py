"""Addresses of sign-in and customers."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from people import switching, views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", views.set_language, name="set_language"),
    path("switch/", switching.switch_customer, name="switch-customer"),
    path("customers/", views.customer_list, name="customer-list"),
    path("customers/new/", views.customer_edit, name="customer-new"),
    path("customers/<int:pk>/", views.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/export/", views.customer_export, name="customer-export"),
    path("customers/<int:pk>/erase/", views.customer_erase, name="customer-erase"),
]
