"""Recovery codes: shown once, to who presses for it."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from people import access, audit


@method_decorator([never_cache, reauthentication_required(app="allauth.mfa")], name="dispatch")
class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """Opening the page uses nothing up, whoever fetches it ahead: only its button shows the codes, and only once."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """How many are left, and the button where they were never shown."""
        mine = Authenticator.objects.filter(user=access.user(request), type=Authenticator.Type.RECOVERY_CODES)
        found = mine.first()
        if found is None:
            raise Http404
        codes = found.wrap()
        left = len(codes.get_unused_codes())
        context = {"is_new": not codes.did_view, "left": left, "can_view_codes": False}
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The codes themselves, where they were never shown."""
        context = self.get_context_data()
        if context["can_view_codes"]:
            me = access.user(request)
            audit.record("account.recovery_codes_shown", me, about=("user", me.pk))
        return render(request, self.template_name, {**context, "left": len(context["unused_codes"])})
