"""The terminal app: screens on a production's log. Started by `onset` and `onset tui`; see `app.py`.

Textual paints at most 60 times a second unless told otherwise before it is loaded, and a key waits one such frame for
its answer. At 240 it waits 4 ms, which costs nothing while nothing changes (docs/benchmarks.md, "screens").
"""

import os

os.environ.setdefault("TEXTUAL_FPS", "240")
