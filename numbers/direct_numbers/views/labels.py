"""Labels of one number."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from direct_numbers import labelling, queries
from direct_numbers.label_forms import LabelForm
from people import access
from people.permissions import May


@require_POST
@access.needs(May.ROUTE)
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a label on a number, or with `off` take it off."""
    viewer = access.viewer(request)
    number = queries.number(viewer, pk)
    if number.gone_at is not None:
        raise Http404
    form, visible = LabelForm(request.POST), queries.numbers(viewer)
    if not form.is_valid():
        messages.error(request, form.problem)
        return redirect("number", number.pk)
    mark = form.mark(is_staff=viewer.is_staff)
    if number.customer_id is None and mark.theirs and viewer.is_staff:
        mark = labelling.Mark(mark.name, theirs=False)
    told = {"label": mark.name}
    if "off" in request.POST:
        if labelling.take_off(mark, [number.pk], visible, viewer):
            messages.success(request, _("The label “%(label)s” was taken off.") % told)
        return redirect("number", number.pk)
    try:
        if labelling.put(mark, [number.pk], visible, viewer):
            messages.success(request, _("The number now has the label “%(label)s”.") % told)
        else:
            messages.info(request, _("The number has the label “%(label)s” already.") % told)
    except labelling.TooMany:
        messages.error(request, too_many())
    return redirect("number", number.pk)


def too_many() -> str:
    """Why no label more can be made."""
    return _("There are %(most)d different labels already. Use one of those, or take one off all its numbers.") % {
        "most": labelling.MOST_LABELS
    }
