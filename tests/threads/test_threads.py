"""What many threads, processes and tasks get at once is what one gets alone."""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from threaded import counted

import multitok

HERE = Path(__file__).parent


def test_32_threads_from_a_cold_start_get_what_one_gets():
    """All modalities, fits, requests, costs, pages and charts, each by several threads, none of
    which anything was loaded for; the settings of the process are what they were."""
    child = subprocess.run(
        [sys.executable, str(HERE / "threaded.py")], capture_output=True, text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    wrong, failed, unseen, changed, filters_are_kept = json.loads(child.stdout)
    assert (wrong, failed, unseen, changed, filters_are_kept) == ([], {}, [], [], True)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # what runs the tests has threads
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_another_process_counts_the_same_however_it_is_started(method):
    """A fork has all that was loaded before it; the others start from nothing."""
    context = multiprocessing.get_context(method)
    here, there = multiprocessing.SimpleQueue(), context.SimpleQueue()
    counted(here)
    child = context.Process(target=counted, args=(there,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert there.get() == here.get()


def test_counts_in_threads_of_an_event_loop_are_those_of_one():
    """As a server would: `asyncio.to_thread`, a hundred at once."""
    texts = [f"text {number} " * number for number in range(1, 101)]

    def tokens(text):
        return multitok.count_request(
            {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
        ).tokens

    async def all_of_them():
        return await asyncio.gather(*(asyncio.to_thread(tokens, text) for text in texts))

    assert asyncio.run(all_of_them()) == [tokens(text) for text in texts]


class Messages:
    """A client of the shape of OpenAI's, that answers when the loop comes round."""

    def __init__(self):
        self.chat = self.completions = self
        self.sent = []

    async def create(self, **request):
        await asyncio.sleep(0)
        self.sent.append(request["messages"][0]["content"])
        return {"usage": {"prompt_tokens": 8}}


def test_a_guard_keeps_its_budget_for_tasks_at_once():
    """Fifty tasks share one guarded client: those over the budget are refused, and no others."""
    client = Messages()
    guarded = multitok.guard(client, max_tokens=30)
    words = [f"task {number} " + "word " * (number % 2 * 40) for number in range(50)]

    async def ask(text):
        try:
            await guarded.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": text}]
            )
        except multitok.BudgetExceeded:
            return "refused"
        return "sent"

    async def all_of_them():
        return await asyncio.gather(*map(ask, words))

    assert asyncio.run(all_of_them()) == ["sent", "refused"] * 25
    assert sorted(client.sent) == sorted(words[::2])
