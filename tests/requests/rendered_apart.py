"""Renders the templates that come as lines, and tells what each took.

A process of its own, for its only children are those that render: what the system tells of children
is theirs.
"""

import json
import sys
from resource import RUSAGE_CHILDREN, getrusage

from multitok.requests import rendering

VALUES = {"messages": [{"role": "user", "content": "hi"}]}


def told(template):
    """Why there is no text, seconds of work, and the most megabytes that any took until now."""
    before = getrusage(RUSAGE_CHILDREN)
    renderer = rendering.Renderer()
    try:
        why = renderer.ask(template, VALUES)["why"]
    except rendering.RenderError as error:
        why = str(error)
    finally:
        renderer.end()
    after = getrusage(RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"why": why, "seconds": seconds, "megabytes": after.ru_maxrss / 1024}


if __name__ == "__main__":
    rendering.SECONDS = float(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(told(json.loads(line))), flush=True)
