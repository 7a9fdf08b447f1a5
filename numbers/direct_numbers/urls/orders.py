"""Addresses of orders: the list, and one a step of the wizard."""

from django.urls import path

from direct_numbers.views import approving, orders, reviewing, start, steps

urlpatterns = [
    path("", orders.order_list, name="order-list"),
    path("new/", start.start, name="order-new"),
    path("<uuid:public_id>/", orders.order_page, name="order"),
    path("<uuid:public_id>/progress/", orders.progress, name="order-progress"),
    path("<uuid:public_id>/cancel/", orders.cancel, name="order-cancel"),
    path("<uuid:public_id>/check/", approving.check, name="order-check"),
    path("<uuid:public_id>/approve/", approving.approve, name="order-approve"),
    path("<uuid:public_id>/reject/", approving.reject, name="order-reject"),
    path("<uuid:public_id>/reopen/", orders.reopen, name="order-reopen"),
    path("<uuid:public_id>/country/", steps.country, name="order-country"),
    path("<uuid:public_id>/direction/", steps.direction, name="order-direction"),
    path("<uuid:public_id>/number/", steps.number, name="order-number"),
    path("<uuid:public_id>/documents/", steps.documents, name="order-documents"),
    path("<uuid:public_id>/documents/new/", steps.new_group, name="order-new-group"),
    path("<uuid:public_id>/review/", reviewing.review, name="order-review"),
    path("<uuid:public_id>/routing/", steps.routing, name="order-routing"),
]
