"""What tests of documents share."""

import pytest

from documents.models import DocumentGroup
from sync.models import Connection
from tests.support.scenes import read


@pytest.fixture
def group(connection: Connection) -> DocumentGroup:
    """The group of the demo whose passport was rejected."""
    read(connection)
    return DocumentGroup.objects.get(remote_id="1003")
