"""Verified copies of a card on several media, the manifest that says so, and whether the card may be formatted.

`job.run_offload` is the way in; `onset offload` and the Offload screen use it. Nothing here opens a screen or a log.
"""
