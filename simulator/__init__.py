"""A stand-in for the Zadarma API, run as its own process with ``python -m simulator``.

Plain Python on the standard library. It imports neither the project's API client nor Django, so that a
mistake in one of them cannot hide behind the same mistake here.
"""
