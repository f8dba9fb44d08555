"""No test fails on a clock or a later day; CI tries the same inputs each time: a red run repeats.

Every click's runner keeps stderr apart, as 8.2 and later do; 8.1 must be told.
"""

import gc
import inspect
import os
from functools import partial

from click import testing
from hypothesis import given, settings, strategies as st

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the other core has tests of its own
os.environ["SOURCE_DATE_EPOCH"] = "1795824000"  # 2026-11-28: what is retired later is not yet

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

if "mix_stderr" in inspect.signature(testing.CliRunner).parameters:
    testing.CliRunner = partial(testing.CliRunner, mix_stderr=False)


def pytest_collection_finish():
    """25,000 tests are there to stay: to look through them for garbage again and again takes longer
    than many of them. Hypothesis looks for who holds its random numbers when it makes them, and
    finds nobody among what is frozen: it makes them before."""
    given(st.none())(lambda _: None)()
    gc.collect()
    gc.freeze()


def pytest_sessionstart(session):
    """The process that hands the tests out keeps what it hears of each: to look through that for
    garbage took a tenth of the suite's time, at the end alone five times."""
    if session.config.pluginmanager.hasplugin("dsession"):
        gc.disable()


def pytest_sessionfinish(session):
    if session.config.pluginmanager.hasplugin("dsession"):
        gc.freeze()
