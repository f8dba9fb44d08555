"""The colors of charts, and how far each is told from its ground. Standard library only."""

from __future__ import annotations

Color = tuple[int, int, int]

COLORS: tuple[Color, ...] = (
    (37, 99, 191),  # blue
    (217, 85, 32),  # vermilion
    (16, 138, 102),  # green
    (132, 82, 196),  # violet
    (196, 138, 0),  # ochre
    (8, 140, 178),  # cyan
    (186, 44, 108),  # magenta
    (92, 108, 38),  # olive
)
"""Told apart in print and by most color-blind eyes; used in this order."""

GROUNDS: tuple[Color, Color] = (251, 250, 247), (20, 22, 27)
"""The paper of a page, light and dark, as the style sheet has it; a picture has the light one."""
CONTRAST = 4.5
"""The least that a color is told from its ground by (WCAG 2, AA for text)."""


def readable(color: Color, ground: Color) -> Color:
    """The color, as little nearer to black or white as its contrast to the ground asks for.

    >>> readable((90, 98, 112), GROUNDS[0]), readable((90, 98, 112), GROUNDS[1])
    ((90, 98, 112), (121, 128, 139))
    """
    far = 0 if _luminance(ground) > 0.18 else 255
    for step in range(101):
        red, green, blue = (round(part + (far - part) * step / 100) for part in color)
        if contrast((red, green, blue), ground) >= CONTRAST:
            break
    return red, green, blue


def contrast(a: Color, b: Color) -> float:
    """1 (the same) to 21 (black on white), as WCAG 2 has it."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mirrored(color: Color) -> Color:
    """A shade of the light paper as one of the dark paper: as far from it, of the same hue.

    >>> mirrored(GROUNDS[0]) == GROUNDS[1]
    True
    """
    light, dark = GROUNDS
    red, green, blue = (
        min(255, max(0, ground + round((paper - part) * 0.9)))
        for part, paper, ground in zip(color[::-1], light[::-1], dark, strict=True)
    )
    return red, green, blue


def css(color: Color) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)
