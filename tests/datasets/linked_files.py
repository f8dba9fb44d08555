"""Folders of thousands of files for one test each, without writing them for each."""

import os


def linked(folder, to):
    """The folder once more, its files the same on the disk: change one by `rewrite` alone."""
    to.mkdir()
    for entry in os.scandir(folder):
        os.link(entry.path, to / entry.name)
    return to


def rewrite(path, text):
    """Write a file anew, not into that which others are linked to."""
    path.unlink()
    path.write_text(text)
