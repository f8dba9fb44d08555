"""Write samples/photo.jpg, screenshot.png, request.json, batch.jsonl and tools.json.

The photo comes from the scikit-image package (coffee.png: a photograph by Rachel Michetti, CC0). It
is stored on its side with an EXIF orientation of 6, as phones do: 400 x 600 stored, 600 x 400
displayed. The screenshot is drawn here, with the font that Pillow carries.

    pip install scikit-image pillow
    python tools/make_samples.py
"""

from __future__ import annotations

import base64
import json
from math import cos, pi, sin
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw, ImageFont

SAMPLES = Path(__file__).parent.parent / "samples"

INK, PALE, LINE = "#1c2430", "#6b7686", "#e3e7ed"
BLUE, GREEN, ORANGE, PURPLE = "#2f6fed", "#1f9d6b", "#f08c2e", "#7a5af0"


def photo() -> None:
    import skimage.data

    upright = Image.fromarray(skimage.data.coffee())
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.ImageDescription] = "Coffee cup"
    exif[ExifTags.Base.Artist] = "Rachel Michetti"
    exif[ExifTags.Base.Copyright] = "CC0"
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    stored.save(SAMPLES / "photo.jpg", quality=92, exif=exif, optimize=True)


def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def card(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], title: str) -> None:
    draw.rounded_rectangle(box, 12, fill="white", outline=LINE)
    draw.text((box[0] + 22, box[1] + 18), title, INK, font(17))


def sidebar(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 48, 219, 799), fill="#f4f6f9")
    draw.line((219, 48, 219, 799), LINE)
    entries = ["Overview", "Requests", "Models", "Prompts", "Budgets", "Keys", "Settings"]
    for i, entry in enumerate(entries):
        top = 72 + 46 * i
        if i == 0:
            draw.rounded_rectangle((12, top, 207, top + 38), 8, fill="#dfe9ff")
        color = BLUE if i == 0 else PALE
        draw.rounded_rectangle((26, top + 12, 40, top + 26), 4, fill=color)
        draw.text((54, top + 9), entry, INK if i == 0 else PALE, font(16))


def figures(draw: ImageDraw.ImageDraw) -> None:
    rows = [
        ("Tokens today", "1,284,093", "+4.2 %", GREEN),
        ("Pictures", "3,417", "+11.8 %", GREEN),
        ("Spent", "$ 18.46", "-2.1 %", ORANGE),
        ("Cached", "61 %", "+0.9 %", GREEN),
    ]
    for i, (name, value, change, color) in enumerate(rows):
        left = 244 + 255 * i
        draw.rounded_rectangle((left, 120, left + 235, 220), 12, fill="white", outline=LINE)
        draw.text((left + 20, 136), name, PALE, font(15))
        draw.text((left + 20, 160), value, INK, font(30))
        draw.text((left + 216, 176), change, color, font(15), anchor="ra")


def bars(draw: ImageDraw.ImageDraw) -> None:
    card(draw, (244, 240, 874, 520), "Tokens by hour")
    for k in range(5):
        y = 470 - 44 * k
        draw.line((300, y, 850, y), LINE)
        draw.text((288, y - 8), f"{k * 25}k", PALE, font(13), anchor="ra")
    for hour in range(24):
        text = 40 + 36 * sin((hour - 8) / 24 * 2 * pi) + 7 * cos(hour * 2.1)
        image = 27 + 20 * sin((hour - 9) / 24 * 2 * pi) + 4 * sin(hour * 1.7)
        left = 308 + 22.6 * hour
        middle, top = 470 - 1.1 * text, 470 - 1.1 * (text + image)
        draw.rectangle((left, middle, left + 14, 470), fill=BLUE)
        draw.rectangle((left, top, left + 14, middle), fill=PURPLE)
        if hour % 4 == 0:
            draw.text((left + 7, 484), f"{hour:02d}:00", PALE, font(13), anchor="ma")
    for i, (name, color) in enumerate((("text", BLUE), ("images", PURPLE))):
        draw.rectangle((700 + 80 * i, 262, 712 + 80 * i, 274), fill=color)
        draw.text((718 + 80 * i, 259), name, PALE, font(14))


def ring(draw: ImageDraw.ImageDraw) -> None:
    card(draw, (894, 240, 1244, 520), "Share by model")
    start = -90.0
    for share, color in ((0.46, BLUE), (0.27, GREEN), (0.17, ORANGE), (0.10, PURPLE)):
        draw.pieslice((934, 296, 1114, 476), start, start + 360 * share, fill=color)
        start += 360 * share
    draw.ellipse((979, 341, 1069, 431), fill="white")
    for i, (name, color) in enumerate(
        (("large", BLUE), ("small", GREEN), ("vision", ORANGE), ("embed", PURPLE))
    ):
        draw.ellipse((1136, 326 + 32 * i, 1148, 338 + 32 * i), fill=color)
        draw.text((1158, 323 + 32 * i), name, INK, font(15))


def table(draw: ImageDraw.ImageDraw) -> None:
    card(draw, (244, 540, 1244, 776), "Latest requests")
    columns = (268, 400, 620, 800, 960, 1110)
    head = ("Time", "Endpoint", "Input", "Output", "Cost", "Status")
    rows = [
        ("14:02:11", "/v1/messages", "2,481", "312", "$ 0.0121", "ok"),
        ("14:02:09", "/v1/responses", "765", "1,024", "$ 0.0173", "ok"),
        ("14:01:58", "/v1/messages", "18,220", "96", "$ 0.0561", "ok"),
        ("14:01:31", "/v1/embeddings", "512", "0", "$ 0.0001", "ok"),
        ("14:01:27", "/v1/messages", "201,334", "0", "$ 0.0000", "too long"),
    ]
    for x, word in zip(columns, head, strict=True):
        draw.text((x, 586), word, PALE, font(14))
    for i, row in enumerate(rows):
        y = 610 + 33 * i
        draw.line((268, y, 1220, y), LINE)
        for x, word in zip(columns, row, strict=True):
            color = {"ok": GREEN, "too long": ORANGE}.get(word, INK)
            draw.text((x, y + 8), word, color, font(15))


def screenshot() -> None:
    picture = Image.new("RGB", (1280, 800), "#fafbfc")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1279, 47), fill=INK)
    for i, color in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        draw.ellipse((18 + 22 * i, 17, 31 + 22 * i, 30), fill=color)
    draw.text((640, 14), "Token dashboard", "white", font(17), anchor="ma")
    sidebar(draw)
    draw.text((244, 70), "Overview", INK, font(28))
    draw.text((1244, 80), "Today, 14:02", PALE, font(16), anchor="ra")
    figures(draw)
    bars(draw)
    ring(draw)
    table(draw)
    picture.save(SAMPLES / "screenshot.png", optimize=True)


def request() -> None:
    """What an agent would send: instructions, a question, the screenshot in base64, a tool."""
    data = base64.b64encode((SAMPLES / "screenshot.png").read_bytes()).decode()
    click = {
        "name": "click",
        "description": "Click on the screen.",
        "parameters": {
            "type": "object",
            "properties": {
                "x": {"type": "integer", "description": "pixels from the left"},
                "y": {"type": "integer", "description": "pixels from the top"},
            },
        },
    }
    question = [
        {"type": "text", "text": "Which hour had the most tokens? Then open Budgets."},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
    ]
    payload = {
        "model": "gpt-5.4",
        "messages": [
            {"role": "system", "content": "You operate a dashboard. Answer briefly."},
            {"role": "user", "content": question},
        ],
        "tools": [{"type": "function", "function": click}],
        "max_completion_tokens": 300,
    }
    (SAMPLES / "request.json").write_text(json.dumps(payload, indent=1) + "\n", "utf-8")


def batch() -> None:
    """Two requests of a batch file of OpenAI's."""
    asked = {"greeting": "Say hello in five languages.", "tides": "Why are there two tides a day?"}
    lines = [
        {
            "custom_id": name, "method": "POST", "url": "/v1/chat/completions",
            "body": {"model": "gpt-5.4", "messages": [{"role": "user", "content": question}]},
        }
        for name, question in asked.items()
    ]  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (SAMPLES / "batch.jsonl").write_text(text, "utf-8")


def tool_list() -> None:
    """What an MCP server of two tools answers to tools/list."""

    def tool(name: str, description: str, **properties: str) -> dict[str, object]:
        fields = {key: {"type": "string", "description": what} for key, what in properties.items()}
        schema = {"type": "object", "properties": fields, "required": [*fields]}
        return {"name": name, "description": description, "inputSchema": schema}

    tools = [
        tool("read_file", "The text of a file.", path="where it lies"),
        tool("search", "Lines of all files that hold a word.", word="what to look for"),
    ]
    (SAMPLES / "tools.json").write_text(json.dumps({"tools": tools}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    photo()
    screenshot()
    request()
    batch()
    tool_list()
