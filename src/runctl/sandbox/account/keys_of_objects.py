"""Keys of S3's objects that moto's server takes for no address: those with a line break in them."""

from __future__ import annotations

from typing import Any


def take_line_breaks() -> None:
    """Lets a key have any character, as S3 does. To be called before moto's servers are made."""
    from moto.moto_server import utilities, werkzeug_app

    class Converter(utilities.RegexConverter):
        def __init__(self, url_map: Any, *items: Any) -> None:
            super().__init__(url_map, *items)
            self.regex = f"(?s:{self.regex})"

    vars(werkzeug_app)["RegexConverter"] = Converter
