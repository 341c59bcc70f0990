"""onset: what a film set writes down and carries home."""

__version__ = "0.1.0"
