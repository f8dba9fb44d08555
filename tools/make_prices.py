"""Write src/multitok/prices/prices.json from the installed genai-prices: `make prices`.

The rows are genai-prices' (MIT, Copyright (c) Pydantic Services Inc.); the notice goes with them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

from genai_prices.data import providers

from multitok.prices.feed import rows_of

OUT = Path(__file__).parent.parent / "src" / "multitok" / "prices" / "prices.json"


def main() -> None:
    package = distribution("genai-prices")
    files = [path for path in package.files or () if path.name == "LICENSE"]
    head = {
        "source": f"genai-prices {package.version}, https://github.com/pydantic/genai-prices",
        "taken": datetime.now(UTC).date().isoformat(),
        "license": files[0].read_text("utf-8") if files else "MIT",
    }
    rows = rows_of(providers)
    dump = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)  # noqa: E731
    lines = ",\n".join(f"{dump(name)}:{dump(models)}" for name, models in rows.items())
    OUT.parent.mkdir(exist_ok=True)
    text = f'{dump(head)[:-1]},"providers":{{\n{lines}\n}}}}\n'
    json.loads(text)
    OUT.write_text(text, "utf-8")
    models = sum(len(models) for models in rows.values())
    print(f"{models} models of {len(rows)} providers, {OUT.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
