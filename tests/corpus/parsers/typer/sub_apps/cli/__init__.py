from .root import app

__all__ = ["app"]
