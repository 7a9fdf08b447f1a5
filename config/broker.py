"""Celery's filesystem transport with messages that appear whole.

Kombu's own opens a message's file and fills it afterwards. A worker that finds the file between the two reads an empty
message, which ends it, and in the embedded set-up the panel with it. Here the file gets its name when it is complete.
"""

import logging
import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Puts messages into the folder as a whole, and passes over one that can't be read."""

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.monotonic_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.part"
        try:
            unfinished.write_text(dumps(payload), "utf-8")  # type: ignore[no-untyped-call]
            os.replace(unfinished, folder / name)
        except OSError as error:
            raise ChannelError(f"a message could not be written to {folder}") from error

    def _get(self, queue: str, timeout: Any = None) -> Any:
        while True:
            try:
                return super()._get(queue)  # type: ignore[no-untyped-call]
            except ValueError:  # cut off by a crash; the sweeper wakes what it was to wake
                log.warning("a message in %s could not be read", self.data_folder_in)


class Transport(filesystem.Transport):
    """The filesystem transport over such channels."""

    Channel = Channel
