"""A chat template is bounded in work, memory and text, whatever it does."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_templates import HOSTILE, grown, macro
from hypothesis import HealthCheck, given, settings, strategies as st

from multitok.core.errors import PayloadError
from multitok.requests import rendering, sandbox
from multitok.requests.rendering import RenderError, rendered
from multitok.requests.template import JinjaTemplate

pytest.importorskip("jinja2")

SECONDS = 0.3
STARTED = 1.0
"""Seconds of work that a process takes to start, at the very most."""
MEGABYTES = 300

linux = pytest.mark.skipif(sys.platform != "linux", reason="no limit of memory elsewhere")


@pytest.fixture(scope="module")
def apart():
    """What a template comes to, and took, under limits that are soon reached."""
    script = Path(__file__).parent / "rendered_apart.py"
    pipe = subprocess.PIPE
    command = [sys.executable, str(script), str(SECONDS)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:

        def ask(template):
            process.stdin.write(json.dumps(template) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


@linux
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_ends_within_its_limits(apart, name):
    took = apart(HOSTILE[name])
    assert took["seconds"] < SECONDS + STARTED
    assert took["megabytes"] < MEGABYTES


def written(*choices):
    return st.sampled_from(choices)


def taken(parts):
    """A larger expression out of smaller ones."""
    arguments = st.lists(parts, max_size=2).map(", ".join)
    filters = written(*sorted(sandbox.environment().filters))
    methods = written(*sorted({name for kind in (str, list, dict, int) for name in dir(kind)}))
    operators = written("+", "-", "*", "**", "/", "//", "%", "~", "==", "<", "in", "and")
    return st.one_of(
        st.tuples(parts, operators, parts).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(parts, filters, arguments).map("({0[0]} | {0[1]}({0[2]}))".format),
        st.tuples(parts, methods, arguments).map("({0[0]}).{0[1]}({0[2]})".format),
        st.tuples(parts, parts).map("[{0[0]}, {0[1]}]".format),
        st.tuples(parts, parts).map("dict(a={0[0]}, b={0[1]})".format),
        st.tuples(parts, parts).map("({0[0]})[{0[1]}:]".format),
        parts.map("range({})".format),
    )


SMALL = written("'a'", "'%s'", "'<a '", "1", "2.5", "99", "99999", "10000000000", "[1]", "n.x")
EXPRESSION = st.recursive(SMALL, taken, max_leaves=6)
TEMPLATE = st.one_of(
    EXPRESSION.map("{{{{ {} }}}}".format),
    st.tuples(SMALL, EXPRESSION).map(lambda given: grown(*given, "{{ n.x }}")),
    EXPRESSION.map(lambda step: macro(f"{{{{ m(n - 1) ~ m(n - 1) }}}}{{{{ {step} }}}}")),
    st.tuples(EXPRESSION, EXPRESSION).map(
        "{{% for a in {0[0]} recursive %}}{{{{ a ~ loop({0[1]}) }}}}{{% endfor %}}".format
    ),
)


@linux
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(template=TEMPLATE)
def test_no_composed_template_goes_beyond_them(apart, template):
    took = apart(template)
    assert took["seconds"] < SECONDS + STARTED
    assert took["megabytes"] < MEGABYTES


@linux
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("repeated text", "needs more than 256 MiB of memory"),
        ("long text", "makes more than 1,048,576 characters"),
        ("nested loops", "takes more than 0.5 s"),
        ("compared lists", "takes more than 0.5 s"),
        ("a recursive macro", "failed: maximum recursion depth exceeded"),
        ("an unclosed loop", "failed: unexpected end of template"),
        ("lipsum", "failed: 'lipsum' is undefined"),
    ],
)
def test_the_error_tells_which_limit_it_was(monkeypatch, name, why):
    monkeypatch.setattr(rendering, "SECONDS", 0.5)
    with pytest.raises(PayloadError) as error:
        JinjaTemplate(HOSTILE[name], {}, "m", len).render([{"role": "user", "content": "hi"}])
    assert str(error.value).startswith(f"m: its chat template {why}")


def test_a_process_that_does_not_answer_is_ended_by_the_clock(monkeypatch):
    """2,000 s of work, of which the clock waits 0.2 s."""
    monkeypatch.setattr(rendering, "SECONDS", 2000.0)
    monkeypatch.setattr(rendering, "PATIENCE", 0.0001)
    with pytest.raises(RenderError, match=r"^takes more than 2,000 s$"):
        rendered(HOSTILE["nested loops"], {})


def test_a_long_conversation_may_take_and_make_more():
    """5 MiB of words, said twice, are 10 MiB: more than a short conversation may make."""
    words = "word " * (1 << 20)
    assert rendered("{{ a }}{{ a }}", {"a": words}) == words * 2


def test_a_process_is_kept_for_the_next_template(monkeypatch):
    rendered("a", {})
    monkeypatch.setattr(rendering, "Renderer", None)  # none can be started
    assert rendered("{{ 1 + 1 }}", {}) == "2"
    with pytest.raises(RenderError, match=r"^failed: no$"):
        rendered("{{ raise_exception('no') }}", {})
    assert rendered("b", {}) == "b"


def test_one_that_died_while_it_waited_is_replaced():
    rendered("a", {})
    for renderer in rendering._idle:
        renderer._process.kill()
        renderer._process.wait()
    assert rendered("b", {}) == "b"


def test_threads_render_at_once():
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda i: rendered("{{ i }}", {"i": i}), range(64))
        assert list(found) == [str(i) for i in range(64)]
    assert len(rendering._idle) <= rendering.KEPT


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_after_a_fork_each_has_processes_of_its_own():
    code = """if True:
        import gc, os, warnings
        from multitok.requests.rendering import rendered
        rendered("a", {})
        # from 3.12 on Python warns of a fork while a thread, here a clock that was stopped, ends
        warnings.filterwarnings("ignore", "This process .* is multi-threaded")
        if child := os.fork():
            assert [rendered("{{ i }}", {"i": i}) for i in range(50)] == list(map(str, range(50)))
            assert os.waitpid(child, 0)[1] == 0
        else:
            warnings.simplefilter("error")
            said = [rendered("{{ i }}", {"i": -i}) for i in range(50)]
            gc.collect()
            os._exit(said != [str(-i) for i in range(50)])
    """
    ended = subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.PIPE)
    assert ended.stderr == b""


def test_no_process_outlives_its_program():
    code = """if True:
        from multitok.requests import rendering
        rendering.rendered("a", {})
        print(rendering._idle[0]._process.pid)
    """
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True
    )
    assert told.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.stdout), 0)


@linux
@pytest.mark.parametrize(
    "opening", ["open('/etc/hosts')", "open('out', 'w')", "os.pipe()", "socket.socket()"]
)
def test_the_process_can_open_nothing(tmp_path, opening):
    """So what got out of jinja2's sandbox would read no file, and send nothing."""
    closed = "from multitok.requests import sandbox; sandbox._close_doors()"
    code = f"import os, socket; {closed}; {opening}"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.stderr.splitlines()[-1].startswith("OSError: [Errno 24] Too many open files")
    assert not list(tmp_path.iterdir())


VALUES = {"text": " a <b>c</b>\n\td", "n": -3.5, "list": [3, 1, 2], "table": {"b": 1, "a": [2]}}


@pytest.mark.parametrize("name", sorted(sandbox.environment().filters))
def test_what_jinja_reads_from_disk_was_read_before(name):
    """Each filter gives the same where nothing can be opened any more."""
    for value in VALUES:
        for call in ("", "('a')", "(2)"):
            template = f"{{{{ {value} | {name}{call} }}}}"
            try:
                plain = sandbox.rendered(template, VALUES, 9999)
            except Exception as error:
                plain = f"failed: {error}"
            try:
                found = rendered(template, VALUES)
            except RenderError as error:
                found = str(error)
            assert found.partition(" at 0x")[0] == plain.partition(" at 0x")[0]
