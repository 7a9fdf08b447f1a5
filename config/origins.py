"""Origins (scheme, host and port) of addresses that the settings name."""

from urllib.parse import urlsplit


def oidc_origins(server_url: str) -> list[str]:
    """The provider's origin, for `form-action`; none where no provider is set or its address is none."""
    try:
        told = urlsplit(server_url)
    except ValueError:
        return []
    is_plain = not set(told.netloc) & set(" ;,@'\"")
    return [f"{told.scheme}://{told.netloc}"] if told.scheme in {"http", "https"} and told.netloc and is_plain else []
