"""What /styleguide/ shows: every component in every state, with literal values. For those who carry on the work."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from panel import charts
from panel.charts import Cliff
from panel.templatetags.panel import money
from sync.budget import Calls

DRAWING = charts.cliff(
    Cliff(
        start=Decimal(120),
        balances=[Decimal(120 - 20 * week) if week < 6 else Decimal(8) for week in range(10)],
        needed=[Decimal(120 - 20 * week) for week in range(10)],
        planned=[Decimal(max(0, 96 - 20 * week)) for week in range(11)],
        labels=[(0, "today"), (5, "week 5"), (9, "week 9")],
        alt="The balance falls from 120 to below zero in week 7",
        start_label="EUR 120.00",
        fall=7,
        fall_label="week 7: EUR 12.00 short",
    )
)

ICONS = [
    "home",
    "numbers",
    "orders",
    "papers",
    "customers",
    "activity",
    "search",
    "plus",
    "minus",
    "copy",
    "check",
    "x",
    "chevron-right",
    "chevron-left",
    "chevron-down",
    "chevron-up",
    "arrow-right",
    "arrow-left",
    "refresh",
    "clock",
    "clock-alert",
    "alert",
    "info",
    "help",
    "circle",
    "circle-check",
    "circle-x",
    "circle-dashed",
    "parked",
    "flask",
    "globe",
    "theme-light",
    "theme-dark",
    "theme-auto",
    "user",
    "sign-out",
    "more",
    "menu",
    "upload",
    "download",
    "trash",
    "edit",
    "phone",
    "route",
    "message",
    "calendar",
    "wallet",
    "lock",
    "key",
    "external",
    "filter",
    "sort",
    "sort-up",
    "sort-down",
    "shield",
    "mail",
    "link",
    "tag",
    "building",
    "settings",
    "eye",
    "list",
    "chart",
    "repeat",
    "note",
]


class SampleForm(forms.Form):
    """A field of every kind; bound to nothing valid it also shows errors."""

    name = forms.CharField(label="Name", help_text="As your customer reads it.")
    email = forms.EmailField(label="E-mail", required=False)
    country = forms.ChoiceField(
        label="Country", choices=[("", "Choose …"), ("de", "Germany"), ("gb", "United Kingdom")]
    )
    period = forms.IntegerField(label="Autorenewal", help_text="How many months it is renewed for each time.")
    purpose = forms.CharField(label="What the number is for", widget=forms.Textarea(attrs={"rows": 3}))
    target = forms.ChoiceField(
        label="Calls go to", choices=[("sip", "a SIP login"), ("uri", "a SIP URI")], widget=forms.RadioSelect
    )
    sms = forms.BooleanField(label="Receive SMS", required=False, help_text="Free at this direction.")


def context() -> dict[str, object]:
    """Everything that templates/panel/styleguide.html names."""
    now = timezone.now()
    return {
        "now": now,
        "old": now - dt.timedelta(hours=5),
        "moments": [now + dt.timedelta(days=days, hours=1) for days in (-200, -2, 0, 1, 3, 12, 90)],
        "amount": Decimal("1234.5"),
        "form": SampleForm(initial={"name": "Ada Fernsprech GmbH", "period": 1, "target": "sip"}),
        "bad_form": SampleForm({"name": "", "email": "ada@", "country": "", "target": ""}),
        "page_obj": Paginator(range(1, 482), 25).page(4),
        "tabs": [
            {"label": "Readings", "url": "#readings", "current": False, "count": 2},
            {"label": "Journal", "url": "#journal", "current": True},
        ],
        "chips": [
            {"label": "All", "url": "?", "current": True, "count": 481},
            {"label": "Need you", "url": "?needs=1", "count": 3},
            {"label": "Ends within 30 days", "url": "?ends=30", "count": 12},
            {"label": "Country: Germany", "url": "?", "remove": True},
        ],
        "steps": [
            {"key": "country", "label": "Country", "state": "done", "url": "#country"},
            {"key": "direction", "label": "Direction", "state": "done", "url": "#direction"},
            {"key": "number", "label": "Number", "state": "current", "url": ""},
            {"key": "documents", "label": "Documents", "state": "todo", "url": ""},
            {"key": "review", "label": "Review", "state": "todo", "url": ""},
            {"key": "routing", "label": "Routing", "state": "todo", "url": ""},
        ],
        "lines": [
            {"label": "United Kingdom", "value": "London"},
            {"label": "Connection", "value": money(Decimal(0), "EUR")},
            {"label": "A month", "value": money(Decimal(3), "EUR")},
        ],
        "total": {"label": "Today", "value": money(Decimal(3), "EUR")},
        "notes": ["Balance after: EUR 15.16", "Usually active within a day"],
        "papers": [
            {"state": "have", "text": "Identity card of the user"},
            {"state": "checking", "text": "Proof of address", "note": "Sent today; usually checked within 2 days."},
            {
                "state": "rejected",
                "text": "Company register extract",
                "note": "Older than 3 months. Upload a newer one.",
            },
            {"state": "lack", "text": "Purpose of use", "note": "One sentence is enough."},
        ],
        "events": [
            {"at": now, "title": "Became active", "kind": "active", "who": "Zadarma"},
            {
                "at": now - dt.timedelta(hours=3),
                "title": "Ordered for EUR 3.00",
                "kind": "waiting",
                "who": "staff",
            },
            {
                "at": now - dt.timedelta(days=2),
                "title": "Proof of address was rejected",
                "text": "The address is not legible.",
                "kind": "needs",
            },
            {"at": now - dt.timedelta(days=40), "title": "Note", "text": "Customer asked for London.", "icon": "note"},
        ],
        "bulk_actions": [
            {"name": "action", "value": "renew-on", "label": "Turn autorenewal on"},
            {"name": "action", "value": "route", "label": "Route …"},
            {"name": "action", "value": "renew-off", "label": "Turn it off", "danger": True, "confirm": "ask-bulk"},
        ],
        "labels": [{"name": "Hotline", "theirs": True}, {"name": "Check in spring", "theirs": False}],
        "menu_items": [
            {"label": "Download as CSV", "url": "#csv", "icon": "download"},
            {"label": "Choose columns", "url": "#columns", "icon": "settings"},
        ],
        "drawing": DRAWING,
        "meters": [
            Calls(0, {"click": 0, "operation": 0, "sync": 0}, 100),
            Calls(48, {"click": 12, "operation": 6, "sync": 30}, 100),
            Calls(100, {"click": 10, "operation": 20, "sync": 70}, 100, closed=True),
        ],
        "chart_columns": ["Week", "Balance"],
        "chart_rows": [["now", "EUR 120.00"], ["3", "EUR 82.00"], ["7", "EUR −12.00"]],
        "rows": [
            {
                "digits": "442037691880",
                "name": "Support London",
                "place": "United Kingdom, London",
                "kind": "active",
                "word": "active",
                "ends": now + dt.timedelta(days=24),
            },
            {
                "digits": "4930568371234",
                "name": "Empfang",
                "place": "Germany, Berlin",
                "kind": "needs",
                "word": "papers rejected",
                "ends": now + dt.timedelta(days=3),
            },
            {
                "digits": "18005550199",
                "name": "",
                "place": "USA, toll-free",
                "kind": "parked",
                "word": "parked",
                "ends": now - dt.timedelta(days=2),
            },
        ],
        "icons": ICONS,
    }
