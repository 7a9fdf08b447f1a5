"""Addresses of sign-in and customers."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from people import audit_views, switching, views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", views.set_language, name="set_language"),
    path("audit/", audit_views.audit_list, name="audit-list"),
    path("audit/csv/", audit_views.audit_csv, name="audit-csv"),
    path("switch/", switching.switch_customer, name="switch-customer"),
    path("customers/", views.customer_list, name="customer-list"),
    path("customers/new/", views.customer_edit, name="customer-new"),
    path("customers/<int:pk>/", views.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/export/", views.customer_export, name="customer-export"),
    path("customers/<int:pk>/erase/", views.customer_erase, name="customer-erase"),
]
