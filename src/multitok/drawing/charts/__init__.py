"""Plots: lines, points, bands and levels on linear or log axes, as a PNG or in a terminal.

    axes      Axis and its ticks, Panel and what it holds: Line, Points, Band, Level
    plot      panels -> a Pillow image, or SVG: drawn by matplotlib (extra `plots`)
    terminal  a panel, or the channels of a series -> Unicode text

Pure: functions give an image or text and write nothing; what they need is imported on use.
"""

from multitok.drawing.charts.axes import Axis, Band, Level, Line, Panel, Points
from multitok.drawing.charts.plot import page
from multitok.drawing.charts.terminal import chart, rows

__all__ = ["Axis", "Band", "Level", "Line", "Panel", "Points", "chart", "page", "rows"]
