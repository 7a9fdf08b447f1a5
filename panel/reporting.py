"""What a report of an error may tell: where it happened, never what stood in the variables or in the form.

Anything here can be a name, an address, a passport.
"""

from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class SilentReporterFilter(SafeExceptionReporterFilter):
    """Hides every value that a person typed and every variable of the code."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always: also where DEBUG is on."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str]:
        """The names of the fields alone."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> Any:
        """The names of the variables alone."""
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
