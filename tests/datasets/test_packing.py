"""Packing: every item once, no row over what it holds, and few places empty."""

from bisect import bisect_left, insort

import numpy as np
import pytest
from hypothesis import given, strategies as st

from multitok.core.errors import MediaError
from multitok.datasets.packing import pack

LENGTHS = st.lists(st.integers(0, 40), max_size=60)
ITEMS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=60)


def test_a_plan_by_hand():
    """Of 8: the 5 begins a row and the 3 fills it; the 4 begins another, which the 2 goes into."""
    plan = pack([5, 3, 9, 2, 4], size=8)
    assert [items.tolist() for items in plan.contents()] == [[0, 1], [4, 3]]
    assert plan.rows.tolist() == [0, 0, -1, 1, 1]
    assert plan.order.tolist() == [0, 1, -1, 1, 0]
    assert (plan.count, plan.tokens, plan.longest, plan.fill) == (2, 14, 9, 14 / 16)
    assert plan.left_out.tolist() == [2]


def test_images_are_capped_by_hand():
    """Room for all six tokens, and for two images: two rows."""
    plan = pack([2, 2, 2], size=8, images=[1, 1, 1], max_images=2)
    assert [items.tolist() for items in plan.contents()] == [[0, 1], [2]]


def test_an_item_of_too_many_images_is_left_out():
    plan = pack([2, 2], size=8, images=[3, 1], max_images=2)
    assert plan.left_out.tolist() == [0]


@given(LENGTHS, st.integers(1, 45))
def test_every_item_is_placed_once_or_left_out(lengths, size):
    plan = pack(lengths, size)
    placed = [i for items in plan.contents() for i in items.tolist()]
    assert sorted(placed + plan.left_out.tolist()) == list(range(len(lengths)))
    assert plan.left_out.tolist() == [i for i, n in enumerate(lengths) if n > size]


@given(ITEMS, st.integers(1, 45), st.integers(0, 8))
def test_no_row_holds_more_than_it_may(items, size, most):
    lengths, images = [n for n, _ in items], [m for _, m in items]
    plan = pack(lengths, size, images=images, max_images=most)
    assert plan.count == len(plan.contents())
    for row in plan.contents():
        assert len(row) > 0
        assert sum(lengths[i] for i in row) <= size
        assert sum(images[i] for i in row) <= most
    assert plan.tokens == sum(lengths) - sum(lengths[i] for i in plan.left_out)


@given(ITEMS, st.integers(1, 45))
def test_rows_and_order_say_what_contents_says(items, size):
    plan = pack([n for n, _ in items], size, images=[m for _, m in items], max_images=6)
    for number, row in enumerate(plan.contents()):
        assert plan.rows[row].tolist() == [number] * len(row)
        assert plan.order[row].tolist() == list(range(len(row)))


def one_by_one(lengths, size):
    """Best fit decreasing, an item at a time."""
    rooms, rows = [], 0
    for n in sorted((n for n in lengths if n <= size), reverse=True):
        at = bisect_left(rooms, n)
        rows += at == len(rooms)
        insort(rooms, (size if at == len(rooms) else rooms.pop(at)) - n)
    return rows


@given(LENGTHS, st.integers(1, 45))
def test_groups_take_as_many_rows_as_items_one_by_one(lengths, size):
    assert pack(lengths, size).count == one_by_one(lengths, size)


def mixed(n):
    """Lengths as text has them: many short ones, few long."""
    return np.random.default_rng(7).lognormal(6.2, 1.1, n).astype(int) + 1


@pytest.mark.parametrize("size", [2048, 8192])
def test_mixed_lengths_fill_99_of_100_places(size):
    assert pack(mixed(5000), size).fill >= 0.99


@pytest.mark.parametrize("size", [2048, 8192])
def test_a_cap_that_is_seldom_met_leaves_the_rows_as_full(size):
    images = np.random.default_rng(8).integers(0, 3, 5000)
    assert pack(mixed(5000), size, images=images, max_images=64).fill >= 0.99


def test_no_items_are_no_rows():
    plan = pack([], 8)
    assert (plan.count, plan.fill, plan.contents()) == (0, 0.0, [])


@pytest.mark.parametrize(
    ("lengths", "words", "said"),
    [
        ([1], {"size": 0}, "size must be at least 1, got 0"),
        ([1, -2], {"size": 8}, "lengths must be at least 0, got -2 (item 1)"),
        ([1.5], {"size": 8}, "lengths must be whole numbers, one an item, got float64 of shape"),
        ([1], {"size": 8, "max_images": 2}, "max_images needs the images of each item: pass"),
        ([1], {"size": 8, "max_images": 2, "images": [1, 1]}, "images must be one a length, got 2"),
    ],
)
def test_what_is_no_length_is_refused(lengths, words, said):
    with pytest.raises(MediaError) as error:
        pack(lengths, **words)
    assert str(error.value).startswith(said)
