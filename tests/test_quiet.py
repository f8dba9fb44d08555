"""Pillow's warnings are kept back while a picture is read, in that thread and nowhere else."""

import io
import sys
import threading
import warnings

import pytest
from pictures import quadrants, saved
from PIL import Image

from multitok.core.quiet import _FILTER, quiet
from multitok.loaders.door import load

# Transparency by the byte on a palette: Pillow warns when it becomes RGB.
WARNED = saved("PNG", quadrants().convert("P"), transparency=bytes([0, 9, 200]))


def test_pillow_warns_of_this_picture():
    with (
        Image.open(io.BytesIO(WARNED)) as picture,
        pytest.warns(UserWarning, match="should be converted"),
    ):
        picture.convert("RGB")


def test_a_picture_that_pillow_warns_of_is_read_without_a_word():
    """A warning is an error in these tests."""
    assert str(load(WARNED).info) == "48 x 20"


def test_a_warning_of_one_s_own_is_shown_after_a_picture():
    load(WARNED)
    with pytest.warns(UserWarning, match="mine"):
        warnings.warn("mine", stacklevel=1)


def test_it_holds_where_a_filter_was_put_before_it():
    with warnings.catch_warnings():
        load(WARNED)
        warnings.simplefilter("error")
        load(WARNED)
        with pytest.raises(UserWarning, match="mine"):
            warnings.warn("mine", stacklevel=1)
        assert len([one for one in warnings.filters if one == _FILTER]) == 1


def test_it_holds_where_the_filters_were_replaced_meanwhile():
    load(WARNED)
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("error")
        load(WARNED)
        with pytest.raises(UserWarning, match="mine"):
            warnings.warn("mine", stacklevel=1)


def test_threads_that_read_pictures_silence_no_other():
    """8 threads read 40 pictures each; every warning that this one gives meanwhile is seen."""
    data = saved("PNG")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=lambda: [load(data) for _ in range(40)]) for _ in range(8)]
    try:
        given = 0
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            for thread in threads:
                thread.start()
            reading = True
            while reading:  # a busy machine may have read them all before the first is given
                reading = any(thread.is_alive() for thread in threads)
                warnings.warn(f"number {given}", stacklevel=1)
                given += 1
            assert [str(one.message) for one in seen] == [f"number {n}" for n in range(given)]
    finally:
        sys.setswitchinterval(interval)
    assert given > 0
    assert ("ignore", None, Warning, None, 0) not in warnings.filters


def test_a_block_inside_of_a_block_does_not_end_it():
    with quiet():
        with quiet():
            pass
        warnings.warn("kept back", stacklevel=1)
    with pytest.warns(UserWarning, match="shown"):
        warnings.warn("shown", stacklevel=1)
