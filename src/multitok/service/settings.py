"""What whoever starts a service says of it. A request can change none of this."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from multitok.core.info import ImageInfo

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Host names of this machine, which nobody else can send to."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request, and all of them together, may take.

    body          bytes of a request: as many as Anthropic takes
    held          bytes of all bodies that are read or counted at once
    text          bytes of a text from which it is counted by what it cannot exceed: a count cannot
                  be stopped, and one of 8 MB takes a second or two
    head_seconds  until the headers of a request are there
    body_seconds  until its body is there
    work_seconds  until it is counted
    connections   open ones; beyond that who says nothing has to go
    """

    body: int = 32 << 20
    held: int = 512 << 20
    text: int = 8_000_000
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    work_seconds: float = 60.0
    connections: int = 1024


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The service as it was started.

    token         what every request must carry, where it is set
    hosts         names under which it is reached beside those of this machine; * is any
    origins       other sites whose pages may ask
    answer        the number that an estimate is answered by: its middle, or its upper end
    incomplete    what is answered where a part cannot be counted: a refusal, or the sum of the rest
    aliases       patterns of model names, and the model that each is counted as
    assume_image  the size of pictures behind a URL or an id
    catalog       files with rows of one's own
    calibration   the file that `reconcile` wrote
    template      a folder with the chat template that frames every request
    page          whether the live page stands at /
    roots         folders whose files the tools for agents may read; without any there are no tools
    access_log    a line a request on stderr
    """

    token: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    answer: Literal["middle", "most"] = "middle"
    incomplete: Literal["refuse", "sum"] = "refuse"
    aliases: tuple[tuple[str, str], ...] = ()
    assume_image: ImageInfo | None = None
    catalog: tuple[str, ...] = ()
    calibration: str | Path | None = None
    template: str | Path | None = None
    page: bool = True
    roots: tuple[str, ...] = ()
    access_log: bool = False
    limits: Limits = Limits()

    def model(self, name: str) -> str:
        """The model that a name is counted as: the first alias whose pattern it has, or itself.

        >>> Settings(aliases=(("claude-*", "gpt-5.4"),)).model("Claude-Opus-5")
        'gpt-5.4'
        """
        lower = name.lower()
        return next((to for pattern, to in self.aliases if fnmatchcase(lower, pattern)), name)

    def serves(self, host: str) -> bool:
        """Whether it is reached under this Host header, whatever the port."""
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        return "*" in self.hosts or name.lower() in (*LOOPBACK, *self.hosts)

    def admits(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may ask: one of ours, or one that was named."""
        return origin in (f"http://{host}", f"https://{host}", *self.origins)
