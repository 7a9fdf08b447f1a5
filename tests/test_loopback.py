"""Tests, storms and benchmarks never talk to an address that is not this machine's."""

import pytest

from sync import budget, gateway
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ["https://api.zadarma.com", "https://api-sandbox.zadarma.com", "https://10.0.0.1"])
def test_an_api_address_that_is_not_loopback_is_refused(url: str) -> None:
    connection = ConnectionFactory(api_url=url)
    with pytest.raises(ValueError, match="loopback"):
        gateway.client(connection, budget.SYNC)
