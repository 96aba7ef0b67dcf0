"""rattler's client: how it reaches channels."""

from __future__ import annotations

import json
import os
import tempfile

import rattler
from rattler.networking import middleware
from telling import Json


def new_client() -> rattler.Client:
    """The client that a variable describes. It holds passwords, which stand on a disk only while rattler reads them."""
    described: Json = json.loads(os.environ["ALCOVE_RATTLER_CLIENT"])
    descriptor, file = tempfile.mkstemp(prefix="alcove-", suffix=".json")
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:
            json.dump(described["authentication"], stream)
        os.environ["RATTLER_AUTH_FILE"] = file
        # By hand, as the order counts: rattler's own client asks for passwords before it knows the mirror.
        return rattler.Client(
            [
                middleware.RetryMiddleware(described["retries"]),
                middleware.MirrorMiddleware(described["mirrors"]),
                middleware.AuthenticationMiddleware(),
                middleware.OciMiddleware(),
                middleware.GCSMiddleware(),
                middleware.S3Middleware(),
            ],
            user_agent=described["user_agent"],
        )
    finally:
        os.unlink(file)
