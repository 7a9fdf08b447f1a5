"""Addresses of sign-in and customers."""

from django.urls import include, path

from people import (
    audit_views,
    customer_views,
    invitation_views,
    member_views,
    staff_views,
    switching,
    views,
)

urlpatterns = [
    path("", include("people.account_urls")),
    path("language/", views.set_language, name="set_language"),
    path("audit/", audit_views.audit_list, name="audit-list"),
    path("audit/csv/", audit_views.audit_csv, name="audit-csv"),
    path("switch/", switching.switch_customer, name="switch-customer"),
    path("customers/", views.customer_list, name="customer-list"),
    path("customers/new/", customer_views.customer_edit, name="customer-new"),
    path("customers/<int:pk>/", customer_views.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/export/", views.customer_export, name="customer-export"),
    path("customers/<int:pk>/erase/", views.customer_erase, name="customer-erase"),
    path("customers/<int:pk>/end-access/", customer_views.end_access, name="customer-end-access"),
    path("customers/<int:pk>/give-access/", customer_views.give_access, name="customer-give-access"),
    path("customers/<int:pk>/invite/", member_views.invite, name="customer-invite"),
    path("members/", member_views.member_list, name="member-list"),
    path("members/<int:pk>/role/", member_views.change_role, name="member-role"),
    path("members/<int:pk>/remove/", member_views.remove, name="member-remove"),
    path("staff/", staff_views.staff_list, name="staff-list"),
    path("staff/invite/", staff_views.invite, name="staff-invite"),
    path("staff/<int:pk>/role/", staff_views.change_role, name="staff-role"),
    path("staff/<int:pk>/remove/", staff_views.remove, name="staff-remove"),
    path("invitation/", invitation_views.invitation_page, name="invitation"),
    path("invitation/<str:token>/", invitation_views.opened, name="invitation-link"),
    path("invitations/<int:pk>/again/", invitation_views.again, name="invitation-again"),
    path("invitations/<int:pk>/withdraw/", invitation_views.withdraw, name="invitation-withdraw"),
]
