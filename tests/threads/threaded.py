"""What several processes and threads do (test_threads.py).

Run in a process of its own (test_threads.py): 32 threads do everything at once, from a cold
start. Prints, as JSON, the jobs whose results are not those of one thread, and what is not as it
was: filters of warnings, settings of matplotlib."""

import json
import random
import sys
import threading
import warnings
from pathlib import Path

import multitok
from multitok import ImageInfo, Text
from multitok.core.quiet import _FILTER

SAMPLES = Path(__file__).parents[2] / "samples"
THREADS, EACH = 32, 5


def sample(name):
    return str(SAMPLES / name)


def counted(name, **words):
    return lambda: repr(multitok.count(sample(name), **words))


def there_and_back(tokenizer, name):
    def job():
        media = multitok.load(sample(name))
        made = multitok.get_tokenizer(tokenizer)
        tokens = made.encode(media)
        return made.count(media), len(tokens), repr(made.decode(tokens))[:200]

    return job


def page():
    """A page of HTML, whose bands are drawn by matplotlib."""
    from multitok.report import page
    from multitok.report.pages import section_of

    found = multitok.inspect(sample("sunspots.csv"), tokenizer="chronos")
    return page.html([section_of(found)])


def chart():
    from multitok.drawing.charts import Line, Panel
    from multitok.drawing.charts.plot import svg

    line = Line(x=[1.0, 2.0, 3.0], y=[1.0, 4.0, 2.0], label="tokens")
    return svg([[Panel(marks=[line], title="$a$ and $b$")]], size=(400, 300), name="a chart")


def raised():
    try:
        multitok.count(sample("english.txt"), model="gpt-9")
    except multitok.MultitokError as error:
        return str(error)


def compared():
    return [repr(row) for row in multitok.compare(sample("photo.jpg"), models=MODELS)]


MODELS = ["gpt-4o", "gpt-5.4", "claude-opus-5", "gemini-2.5-flash"]
REQUEST = json.loads((SAMPLES / "request.json").read_text("utf-8"))
JOBS = {
    "text": counted("english.txt", model="gpt-4o"),
    "text of another vocabulary": counted("multilingual.txt", tokenizer="cl100k_base"),
    "text that is estimated": counted("multilingual.txt", model="claude-opus-5"),
    "picture": counted("photo.jpg", model="gpt-5.4"),
    "size": lambda: repr(multitok.count(ImageInfo(1920, 1080), model="gemini-2.5-flash")),
    "loaded picture": lambda: multitok.load(sample("screenshot.png")).pixels.sum().item(),
    "clip": counted("clip.mp4", model="gemini-2.5-flash"),
    "sound": counted("melody.flac", model="gemini-2.5-flash"),
    "series": counted("sunspots.csv", tokenizer="chronos"),
    "actions": counted("arm.csv", tokenizer="action-bins", modality="actions"),
    "request": lambda: repr(multitok.count_request(REQUEST)),
    "cost": lambda: repr(multitok.count(sample("english.txt"), model="gpt-4o").cost),
    "fit": lambda: repr(multitok.fit(sample("photo.jpg"), model="gpt-4o", max_tokens=500)),
    "compare": compared,
    "bytes": there_and_back("bytes", "english.txt"),
    "words": there_and_back("o200k_base", "multilingual.txt"),
    "patches": there_and_back("patch", "photo.jpg"),
    "steps": there_and_back("chronos", "sunspots.csv"),
    "page": page,
    "chart": chart,
    "error": raised,
    "names": lambda: (multitok.tokenizers(), len(multitok.models())),
}  # fmt: skip


def outcome(name):
    try:
        return JOBS[name]()
    except Exception as error:  # a fault is told by its job
        return repr(error)


def at_once():
    """What each thread got, by the names of the jobs."""
    found = [{} for _ in range(THREADS)]
    begin = threading.Barrier(THREADS)

    def work(number):
        names = list(JOBS) * 2
        mine = names[number % len(JOBS) :][:EACH]
        random.Random(number).shuffle(mine)
        begin.wait()
        for name in mine:
            found[number][name] = outcome(name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def counted(tell):
    """Numbers of each kind, and a text there and back, told to another process."""
    tokenizer = multitok.get_tokenizer("o200k_base")
    tokens = tokenizer.encode(Text("hello wide world"))
    tell.put(
        (
            multitok.count(Text("hello world"), model="gpt-4o").tokens,
            multitok.count(ImageInfo(800, 600), model="gpt-4o").tokens,
            multitok.count(sample("english.txt"), model="claude-opus-5").tokens,
            tokenizer.decode(tokens).text,
        )
    )


def settings():
    return {key: str(value) for key, value in sys.modules["matplotlib"].rcParams.items()}


def main():
    sys.setswitchinterval(1e-4)  # fifty times as often as ever
    import matplotlib

    matplotlib.rcParams["font.size"] = 7.5  # the user's own
    before, filters = settings(), list(warnings.filters)
    found = at_once()
    left = [one for one in warnings.filters if one in filters or one is not _FILTER]
    changed = [key for key, value in settings().items() if value != before[key]]
    alone = {name: outcome(name) for name in JOBS}
    got = [(name, told) for one in found for name, told in one.items()]
    wrong = sorted({f"{name}: {told!r:.300}" for name, told in got if told != alone[name]})
    seen = {name for one in found for name in one}
    failed = {name: one for name, one in alone.items() if "Error(" in str(one)[:60]}
    print(json.dumps([wrong, failed, sorted(set(JOBS) - seen), changed, left == filters]))


if __name__ == "__main__":
    main()
