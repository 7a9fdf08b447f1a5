"""All addresses of the panel."""

from django.urls import include, path

urlpatterns = [
    path("", include("panel.urls")),
    path("", include("people.urls")),
    path("", include("notices.urls")),
    path("numbers/", include("direct_numbers.urls.numbers")),
    path("orders/", include("direct_numbers.urls.orders")),
    path("renewals/", include("direct_numbers.urls.renewals")),
    path("documents/", include("documents.urls")),
    path("papers/", include("direct_numbers.urls.papers")),
    path("activity/", include("sync.urls")),
]

handler400 = "panel.errors.bad_request"
handler403 = "panel.errors.forbidden"
handler404 = "panel.errors.not_found"
handler500 = "panel.errors.server_error"
