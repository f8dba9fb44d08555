"""Files that have a player make sound and hold none themselves: notes, modules, playlists.

They are told by their first bytes or words, as a suffix of theirs names other things too: a .mod is
one of Go's or a camera's, a .pls a program of SQL. Each is refused with what to do.
"""

from __future__ import annotations

import re

from multitok.core.errors import SourceError
from multitok.loaders.source import Source

_MODULE = (
    "a tracker's module holds notes for a player, and no sound that is heard: render it to WAV"
    " (openmpt123 --render) first"
)
_PLAYLIST = (
    "a playlist names sounds or clips and holds none: name the files in it, or count its own words"
    " with --as text"
)
INSTEAD = {
    "MIDI": "MIDI holds notes, and no sound that is heard: render it to WAV (with FluidSynth, say)"
    " first",
    **dict.fromkeys(("MOD", "XM", "S3M", "IT"), _MODULE),
    **dict.fromkeys(("M3U", "PLS", "ASX", "CUE"), _PLAYLIST),
}
"""Formats that have sound made and hold none, and what to do."""

_CHANNELS = re.compile(rb"M\.K\.|M!K!|M&K!|N\.T\.|FLT[48]|[1-9]CHN|[1-3]\dC[HN]|CD81|OKTA|TDZ\d")
"""What stands at byte 1,080 of a MOD of 31 samples: a mark of its number of channels."""
_MARK = 1080
_ASX = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<asx\b", re.DOTALL)
_SHEET = re.compile(rb"(?:rem|catalog|performer|songwriter|title|cdtextfile|file)\s")
_FILE = re.compile(
    rb"^\s*file\s.+\s(?:wave|mp3|aiff|flac|binary|motorola)\s*$.*^\s*track\s+\d+\s+\w",
    re.MULTILINE | re.DOTALL,
)
"""How a cue sheet names a file, and then a track of it."""


def by_first_words(head: bytes) -> str | None:
    """The name of such a format, where signs at fixed places do not tell it; else None."""
    if _CHANNELS.fullmatch(head[_MARK : _MARK + 4]) and b"\0" in head[:_MARK]:
        return "MOD"
    words = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if words.startswith(b"#extm3u"):
        return "M3U"
    if words.startswith(b"[playlist]"):
        return "PLS"
    if _ASX.match(words):
        return "ASX"
    if _SHEET.match(words) and _FILE.search(words):
        return "CUE"
    return None


def refuse(source: Source, form: str) -> None:
    """SourceError where the format holds no sound."""
    if form in INSTEAD:
        raise SourceError(f"{source.name}: {INSTEAD[form]}", source=source.name)
