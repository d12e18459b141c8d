"""A recorded history of Stripe's objects: two and a half years of a small creator."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FULL = Path(__file__).parent.parent / "data" / "recorded"
SMALL = Path(__file__).parent.parent / "data" / "recorded_small"


@cache
def objects(name: str, folder: Path = FULL) -> list[dict[str, Any]]:
    packed = folder / f"{name}.json.gz"
    text = (
        gzip.decompress(packed.read_bytes())
        if packed.exists()
        else (folder / f"{name}.json").read_bytes()
    )
    return json.loads(text)
