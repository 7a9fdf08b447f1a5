"""Forms of those who decide about an order that waits."""

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers.approving import LONGEST_WORD


class ApproveForm(forms.Form):
    """A word to the customer, where there is one to say."""

    word = forms.CharField(
        label=_("A word to the customer"),
        required=False,
        max_length=LONGEST_WORD,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RejectForm(ApproveForm):
    """Why it is not approved: the customer reads it."""

    word = forms.CharField(
        label=_("Why not: a word to the customer"),
        max_length=LONGEST_WORD,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please tell the customer why.")},
    )
