"""What a browser calls itself."""

import pytest

from people.browsers import told

MOZILLA = "Mozilla/5.0"
LIKE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (f"{MOZILLA} (X11; Linux x86_64) {LIKE} HeadlessChrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {LIKE} Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {LIKE} Chrome/140.0.0.0 Safari/537.36", "Chrome on Mac"),
        (
            f"{MOZILLA} (Linux; Android 15) {LIKE} SamsungBrowser/27.0 Chrome/125.0",
            "Samsung Internet on Android",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_browser_is_told_in_words(sent: str, shown: str) -> None:
    assert told(sent) == shown
