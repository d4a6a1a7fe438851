"""JSON as it goes over the wire."""

import json
from typing import Any


def to_json(content: Any) -> bytes:
    """Encode as compact JSON in UTF-8. ValueError for NaN and infinities, which JSON does not know."""
    try:
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # A UCS2 message may hold half of a surrogate pair: only an escape can carry that.
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
