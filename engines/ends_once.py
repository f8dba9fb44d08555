"""A tokenizer that ends its process once: what an engine makes of that is tried with it."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from multitok import Text, TextInfo, TokenCounter, register


@register
@dataclass(frozen=True, kw_only=True)
class EndsOnce(TokenCounter[Text, TextInfo]):
    """Counts words. "KILLER path" makes a file there and ends its process, if there is none."""

    name = "ends-once"
    modality = "text"

    def count(self, x):
        if x.text.startswith("KILLER "):
            mark = Path(x.text.split()[1])
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return len(x.text.split())
