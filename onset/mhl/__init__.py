"""Manifests: what a set of files was when it was copied. ASC MHL v2.0 histories and legacy MHL 1.x files.

Used by `onset.offload` and by `onset verify`. Nothing here copies, and media bytes are read by the caller.
"""
