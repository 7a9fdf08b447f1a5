"""What a browser calls itself, in words that its owner recognises."""

import re

from django.utils.translation import gettext as _

# In this order: most browsers also name those whose pages they want to be given.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def told(user_agent: str) -> str:
    """The browser and system that `user_agent` (as a browser sends it) names; its beginning where neither is known."""
    browser = next((name for sign, name in BROWSERS if re.search(rf"{sign}[A-Za-z]*/", user_agent)), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or user_agent[:60]
