"""How a name says which snapshot of a model it means: a date, a number, `latest`, a release.

One grammar for the look-up of models, of their prices and of dated prices. What stands in front is
the model only where a row says that it is dated, or a price list gives it as a beginning.
"""

from __future__ import annotations

DAY = r"\d{4}-\d{2}-\d{2}|\d{8}"
STAMP = rf"[-@](?:{DAY}|\d{{6}}|\d{{4}}|\d{{3}}|\d\d-20\d\d|latest)"
"""Behind a name: 2026-11-23, 20261123, 261123, 1123, 001, 08-2024, latest."""
RELEASE = r"-v[1-3](?::\d+)?"
"""As Bedrock ends its names: -v1, -v1:0."""
