"""Texts that no package carries: logs, tables of orders, ids. Made from fixed seeds, in the formats
that programs write; each format is a source of its own."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

LINES = 400
BEGIN = datetime(2025, 3, 14, 8, 0, tzinfo=UTC)
PATHS = ("/", "/login", "/api/v2/orders/{}", "/static/app.{}.js", "/search?q=red+shoes&page={}")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "curl/8.7.1",
)
SAID = (
    "connection from {} closed", "cache miss for key user:{}", "retrying in {} ms",
    "job {} finished in 3.27 s", "could not parse header: unexpected byte at {}",
    "flushed {} rows to disk", "token of user {} has expired", "health check ok",
)  # fmt: skip
NAMES = ("Ada Holt", "Bo Lind", "Chidi Okafor", "Dana Reyes", "Emre Kaya", "Fay Wong", "Gus Beck")
ITEMS = ("oak desk", "desk lamp", "red mug", "USB-C cable 2 m", "paper, A4, 500 sheets")


def _moment(rng: random.Random, i: int) -> datetime:
    return BEGIN + timedelta(seconds=7 * i, microseconds=rng.randrange(1_000_000))


def _address(rng: random.Random) -> str:
    return ".".join(str(rng.randrange(1, 255)) for _ in range(4))


def _said(rng: random.Random) -> str:
    return rng.choice(SAID).format(rng.randrange(100_000))


def _web_server(rng: random.Random, i: int) -> str:
    path = rng.choice(PATHS).format(rng.randrange(10_000))
    when = f"{_moment(rng, i):%d/%b/%Y:%H:%M:%S +0000}"
    status, size = rng.choice((200, 200, 200, 304, 404, 500)), rng.randrange(90_000)
    asked = f'"GET {path} HTTP/1.1" {status} {size} "-" "{rng.choice(AGENTS)}"'
    return f"{_address(rng)} - - [{when}] {asked}"


def _system(rng: random.Random, i: int) -> str:
    who = rng.choice(("sshd", "CRON", "systemd", "kernel"))
    who += f"[{rng.randrange(32_768)}]"
    return f"{_moment(rng, i):%b %d %H:%M:%S} web-{rng.randrange(9)} {who}: {_said(rng)}"


def _python(rng: random.Random, i: int) -> str:
    level = rng.choice(("INFO", "INFO", "DEBUG", "WARNING", "ERROR"))
    line = f"{_moment(rng, i):%Y-%m-%d %H:%M:%S,%f} {level:8} shop.orders.tasks: {_said(rng)}"
    if level != "ERROR":
        return line
    place = f'  File "/srv/shop/orders/tasks.py", line {rng.randrange(900)}, in run'
    trace = ("Traceback (most recent call last):", place, "    total = sum(rows)")
    return "\n".join((line, *trace, "TypeError: unsupported operand type(s)"))


def _json_lines(rng: random.Random, i: int) -> str:
    row = {
        "ts": f"{_moment(rng, i):%Y-%m-%dT%H:%M:%S.%fZ}", "level": rng.choice(("info", "warn")),
        "trace_id": f"{rng.getrandbits(128):032x}", "ms": rng.randrange(2_000), "msg": _said(rng),
    }  # fmt: skip
    return json.dumps(row)


def _java(rng: random.Random, i: int) -> str:
    thread = f"[http-nio-8080-exec-{rng.randrange(20)}]"
    return f"{_moment(rng, i):%H:%M:%S.%f} {thread} INFO  c.e.shop.OrderController - {_said(rng)}"


def _firewall(rng: random.Random, i: int) -> str:
    mac = ":".join(f"{rng.randrange(256):02x}" for _ in range(14))
    return (
        f"[{1000 + 7.31 * i:.6f}] DROP IN=eth0 OUT= MAC={mac} SRC={_address(rng)}"
        f" DST={_address(rng)} LEN={rng.randrange(1500)} TTL=52 ID={rng.randrange(65_536)}"
        f" PROTO=TCP DPT={rng.randrange(65_536)}"
    )


def _orders(rng: random.Random, i: int) -> str:
    day, price = BEGIN + timedelta(hours=5 * i), rng.randrange(100, 90_000) / 100
    bought = f"{rng.choice(NAMES)},{rng.choice(ITEMS)},{rng.randrange(1, 9)}"
    return f"{100_000 + i},{day:%Y-%m-%d},{bought},{price:.2f}"


def _measured(rng: random.Random, i: int) -> str:
    return ";".join([str(i), *(f"{rng.gauss(20, 40):.{rng.randrange(1, 7)}f}" for _ in range(7))])


def _tab_separated(rng: random.Random, i: int) -> str:
    gene = f"ENSG{rng.randrange(10**11):011d}"
    place = f"chr{rng.randrange(1, 23)}\t{rng.randrange(10**8)}"
    return f"{place}\t{gene}\t{rng.random():.3e}\t{rng.choice('+-')}"


def _uuid(rng: random.Random, i: int) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _digest(rng: random.Random, i: int) -> str:
    return (
        f"{sha256(rng.randbytes(8)).hexdigest()}  pool/main/{rng.choice('abcdefgh')}/file_{i}.deb"
    )


def _base64(rng: random.Random, i: int) -> str:
    return base64.b64encode(rng.randbytes(57)).decode()


def _hex_dump(rng: random.Random, i: int) -> str:
    return f"{16 * i:08x}: " + " ".join(rng.randbytes(2).hex() for _ in range(8))


def _coordinates(rng: random.Random, i: int) -> str:
    points = [[round(rng.uniform(-180, 180), 6), round(rng.uniform(-90, 90), 6)] for _ in range(3)]
    return json.dumps({"type": "LineString", "id": i, "coordinates": points})


def _lines(write: Callable[[random.Random, int], str]) -> Callable[[], str]:
    def made() -> str:
        rng = random.Random(write.__name__)
        return "\n".join(write(rng, i) for i in range(LINES))

    return made


MADE: Mapping[tuple[str, str], Callable[[], str]] = MappingProxyType({
    ("logs", "web server"): _lines(_web_server),
    ("logs", "system"): _lines(_system),
    ("logs", "Python"): _lines(_python),
    ("logs", "Java"): _lines(_java),
    ("logs", "firewall"): _lines(_firewall),
    ("logs", "JSON lines"): _lines(_json_lines),
    ("CSV", "orders"): _lines(_orders),
    ("CSV", "measured"): _lines(_measured),
    ("CSV", "tab separated"): _lines(_tab_separated),
    ("JSON", "coordinates"): _lines(_coordinates),
    ("ids", "UUID"): _lines(_uuid),
    ("ids", "SHA-256"): _lines(_digest),
    ("ids", "base64"): _lines(_base64),
    ("ids", "hex dump"): _lines(_hex_dump),
})  # fmt: skip
"""By kind and format, what makes the text."""
