"""How a name says which snapshot of a model it means: a date, a number, `latest`, a release.

One grammar for the look-up of models, of their prices and of dated prices. What stands in front is
the model only where a row says that it is dated, or a price list gives it as a beginning.
"""

from __future__ import annotations

_MONTH, _OF_MONTH = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
DAY = rf"20[2-3]\d-{_MONTH}-{_OF_MONTH}|20[2-3]\d{_MONTH}{_OF_MONTH}"
_SHORT = rf"[2-3]\d{_MONTH}(?:{_OF_MONTH})?|{_MONTH}{_OF_MONTH}|0\d\d|{_MONTH}-20[2-3]\d"
STAMP = rf"[-@](?:{DAY}|{_SHORT}|latest)"
"""Behind a name: 2026-11-23, 20261123, 261123, 1123, 001, 08-2024, latest."""
RELEASE = r"-v[1-3](?::\d+)?"
"""As Bedrock ends its names: -v1, -v1:0."""
