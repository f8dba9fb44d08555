r"""What is not ours, made safe to show: names, texts and addresses that come from outside.

A file may be called anything but `/`, a request may hold any text. A terminal obeys what it is sent
and a workflow obeys lines of its log, so what comes from outside is spelled where it would act, and
stands as it is everywhere else. Escapes are for the eye: they are not meant to be read back.
"""

from __future__ import annotations

import re

_ACTS = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: ESC, CSI, line ends, backspace
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, overrides and isolates of direction
    "\u2028\u2029"  # ends of a line and of a paragraph
    "\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # not seen at all
    "\U000e0000-\U000e007f"  # tags: letters that are not seen
    "\ud800-\udfff"  # half of a pair, and how Python keeps bytes that are no UTF-8
    "]"
)
"""The joiners of words and emoji (U+200C, U+200D) stay, as do all blanks."""

_FOREIGN = re.compile("[^\x00-\x7f]")
_COMMAND = re.compile(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(?=:)|#(?=#(?:\[|vso\[))", re.MULTILINE)
"""What GitHub (`::error::` at the start of a line, `##[error]` anywhere) and Azure obey."""


def shown(text: object) -> str:
    r"""Text from outside on a line of ours: what would act, or cannot be seen, is spelled.

    >>> print(shown("a\x1b[2Jb\n.png"), shown("cv\u202egnp.exe"), shown("caf\udce9"))
    a\x1b[2Jb\x0a.png cv\u202egnp.exe caf\xe9
    """
    whole = str(text)
    return whole if whole.isprintable() else _ACTS.sub(_spelled, whole)


def _spelled(match: re.Match[str]) -> str:
    r"""\xNN for what is one byte, \uNNNN or \UNNNNNNNN for the rest."""
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def escaped_json(text: str, *, ascii_only: bool = False) -> str:
    r"""A JSON document that any parser reads, any terminal can show and no workflow obeys.

    What acts is escaped as JSON has it, which changes no value. What no Unicode text can hold, a
    byte that is no UTF-8 or half of a pair, is spelled as by `shown`.

    >>> print(escaped_json('"\x9b\u202e"'), escaped_json('"caf\udce9"'))
    "\u009b\u202e" "caf\\xe9"
    """
    safe = text if text.isprintable() else _ACTS.sub(_in_json, text)
    if _may_command(safe):
        safe = _COMMAND.sub(_in_json, safe)  # a line of JSON begins with no colon: this is a ##[
    return _FOREIGN.sub(_in_json, safe) if ascii_only else safe


def _in_json(match: re.Match[str]) -> str:
    sign = match[0]
    if sign == "\n":  # between the lines of the document: within a text JSON escapes it
        return sign
    if "\ud800" <= sign <= "\udfff":
        return f"\\{_spelled(match)}"
    units = sign.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def unforged(text: str) -> str:
    r"""Text of any lines in which none is a command of a workflow.

    >>> print(unforged("ok\n ::error::x"))
    ok
     \x3a:error::x
    """
    if not _may_command(text):
        return text
    return _COMMAND.sub(lambda match: f"{match[1] or ''}\\x{ord(match[0][-1]):02x}", text)


def _may_command(text: str) -> bool:
    """Whether the pattern of commands can be met in it: to look for two signs is far faster."""
    return "::" in text or "##" in text
