"""The terminal app: screens on a production's log. Started by `onset` and `onset tui`; see `app.py`.

Textual paints at most 60 times a second unless told otherwise before it is loaded; a key waits half a frame for its
answer then. 120 halves that and costs nothing while nothing changes (docs/benchmarks.md, "screens").
"""

import os

os.environ.setdefault("TEXTUAL_FPS", "120")
