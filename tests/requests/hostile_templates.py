"""Chat templates that take all memory, or an hour, each by a way of its own."""


def grown(start: str, step: str, then: str = "", times: int = 99) -> str:
    """A variable that a loop makes larger, and what is done with it."""
    loop = f"{{% for i in range({times}) %}}{{% set n.x = {step} %}}{{% endfor %}}"
    return f"{{% set n = namespace(x={start}) %}}{loop}{then}"


def macro(body: str) -> str:
    """A macro that is called by its own body, 60 calls deep."""
    return f"{{% macro m(n) %}}{{% if n %}}{body}{{% endif %}}{{% endmacro %}}{{{{ m(60) }}}}"


def nested(head: str, tail: str, times: int, inner: str = "") -> str:
    return head * times + inner + tail * times


HOSTILE = {
    # filters that make a lot of a little
    "batch": "{{ [1] | batch(1000000000, 'x') | list | length }}",
    "slice": "{{ [1] | slice(1000000000) | list | length }}",
    "indent": "{{ 'a' | indent(1000000000, true) }}",
    "indent of many lines": grown("'a\\n'", "n.x ~ n.x", "{{ n.x | indent(100000) | length }}", 20),
    "center": "{{ 'a' | center(1000000000) }}",
    "wordwrap": grown("'a'", "n.x ~ n.x", "{{ n.x | wordwrap(1, wrapstring=n.x) | length }}", 20),
    "format": "{{ '%1000000000d' | format(1) }}",
    "format method": "{{ '{:1000000000}'.format('a') }}",
    "format precision": "{{ '%.1000000000f' | format(0.1) }}",
    "replace": grown("'a'", "n.x ~ n.x", "{{ n.x | replace('a', n.x) | replace('a', n.x) }}", 14),
    "replace of nothing": grown("'a'", "n.x ~ n.x", "{{ n.x.replace('', n.x) | length }}", 15),
    "join": "{{ range(99999) | join('a' * 99999) | length }}",
    "tojson indent": "{{ [[[[[[1]]]]]] | tojson(indent=1000000000) }}",
    "tojson of shared lists": grown("[1]", "[n.x, n.x, n.x]", "{{ n.x | tojson }}", 30),
    "string of shared lists": grown("[1]", "[n.x, n.x, n.x]", "{{ n.x | string }}", 30),
    "pprint of shared lists": grown("[1]", "[n.x, n.x]", "{{ n.x | pprint }}", 60),
    "xmlattr": "{{ {'a': 'b' * 999999999} | xmlattr }}",
    "urlize": grown("'http://a.b '", "n.x ~ n.x", "{{ n.x | urlize }}", 20),
    "urlize of brackets": grown("'(<('", "n.x ~ n.x", "{{ n.x | urlize | length }}", 18),
    "striptags": grown("'<!--'", "n.x ~ n.x", "{{ n.x | striptags }}", 20),
    "filesizeformat": "{{ (10 ** 1000000) | filesizeformat }}",
    "round": "{{ 1.5 | round(1000000000) }}",
    "int": "{{ ('9' * 9999999) | int(base=16) | string | length }}",
    "sum of lists": "{{ ([[1] * 9999] * 99999) | sum(start=[]) | length }}",
    "sum of a range": "{{ range(99999) | map('string') | sum(start='') }}" * 9999,
    "sort": "{{ (range(99999) | list * 99) | sort | length }}",
    "unique": "{{ range(99999999999) | unique | list | length }}",
    "groupby": "{{ ([1] * 99999999) | groupby('real') | length }}",
    "dictsort": "{{ {'a': [1] * 999999999} | dictsort }}",
    "map": "{{ ('a' * 99999999) | map('upper') | list | length }}",
    "list": "{{ ('ab' * 99999999) | list | length }}",
    "urlencode": "{{ ('\\u20ac' * 99999999) | urlencode | length }}",
    "escape": "{{ ('<' * 99999999) | e | e | e | length }}",
    "truncate": "{{ ('a ' * 999999999) | truncate(99999999) }}",
    "slices of a batch": "{{ ('a' * 9999999) | batch(1) | map('list') | list | length }}",
    # operators and numbers
    "long text": "{{ 'a' * 9999999 }}",
    "repeated text": "{{ 'a' * 10**9 }}",
    "repeated list": "{{ ([1] * 10**9) | length }}",
    "repeated list of texts": "{{ (['a' * 99999] * 99999) | join | length }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "power": "{{ 10 ** 10 ** 10 }}",
    "power of powers": "{{ 9 ** 9 ** 9 ** 9 }}",
    "big number as text": "{{ (7 ** 3000000) | string }}",
    "modulo of big numbers": "{{ (7 ** 3000000) % (3 ** 2000000 + 1) % 7 }}",
    "squares": grown("12345678901234567890", "n.x * n.x"),
    "powers": grown("3", "n.x ** 60"),
    "doubled text": grown("'aaaaaaaaaa'", "n.x ~ n.x"),
    "added text": grown("'aaaaaaaaaa'", "n.x + n.x"),
    "doubled list": grown("[1]", "n.x + n.x"),
    "joined text": grown("'aaaaaaaaaa'", "[n.x, n.x] | join"),
    "replaced text": grown("'aaaaaaaaaa'", "n.x.replace('a', 'aa')"),
    "formatted text": grown("'aaaaaaaaaa'", "'%s%s' % (n.x, n.x)"),
    "text of a list": grown("'\\\\'", "[n.x] | string"),
    "json of json": grown("'\"'", "n.x | tojson"),
    "compared lists": (
        "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}"
        "{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}"
    ),
    "sorted by shared lists": grown("[1]", "[n.x, n.x]", "{{ [n.x, [n.x, n.x][:]] | sort }}", 60),
    "hashed tuples": grown("(1,)", "(n.x, n.x)", "{{ {n.x: 1} }}", 60),
    "slice of a text": grown(
        "'a'", "n.x ~ n.x", "{% for i in range(9999) %}{{ n.x[1:][:0] }}{% endfor %}", 26
    ),
    "found in": grown(
        "'a'", "n.x ~ n.x", "{% for i in range(9999) %}{{ 'b' in n.x }}{% endfor %}", 24
    ),
    # methods of texts
    "ljust": "{{ 'a'.ljust(10**9) }}",
    "rjust": "{{ 'a'.rjust(10**9) }}",
    "center method": "{{ 'a'.center(10**9) }}",
    "zfill": "{{ 'a'.zfill(10**9) }}",
    "expandtabs": "{{ '\\t'.expandtabs(10**9) }}",
    "split": "{{ ('a ' * 99999999).split() | length }}",
    "splitlines": "{{ ('\\n' * 99999999).splitlines() | length }}",
    "translate": "{{ ('a' * 9999999).translate({97: 'b' * 9999}) | length }}",
    "join method": "{{ ('a' * 99999).join(['b'] * 99999) | length }}",
    "encode": "{{ ('\\u20ac' * 99999999).encode() | length }}",
    "to_bytes": "{{ (1).to_bytes(10**9, 'big') | length }}",
    # loops, macros and scopes
    "nested loops": nested("{% for a in range(99999) %}", "{% endfor %}", 2),
    "loops that make": nested("{% for a in range(9999) %}", "{% endfor %}", 2, "{{ loop.index }}"),
    "a long range": "{% for a in range(10**15) %}{% endfor %}",
    "last of a long loop": "{% for a in ('a' * 99999999) %}{{ loop.last }}{% endfor %}",
    "a recursive loop": "{% for a in [[1] * 9] recursive %}{{ loop([[1]] * 9) }}{% endfor %}",
    "a recursive macro": macro("{{ m(n + 1) }}{{ m(n + 1) }}"),
    "a macro of macros": macro("{{ m(n - 1) }}{{ m(n - 1) }}"),
    "a macro that holds": macro("a{{ m(n - 1) }}{{ m(n - 1) | length }}"),
    "a call of a call": "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}"
    + nested("{% call m() %}", "{% endcall %}", 40, "a"),
    "cycler": "{% set c = cycler('a' * 99999999) %}{% for i in [1, 2] %}{{ c.next() }}{% endfor %}",
    "joiner": "{% set j = joiner('a' * 99999999) %}{{ j() }}{{ j() }}",
    "dict": "{% for i in range(99999) %}{{ dict(a='b' * 9999999) | length }}{% endfor %}",
    "a growing dict": grown("{}", "dict(n.x, **{'a' ~ n.x | length: n.x})", "{{ n.x }}"),
    "blocks": "{% block a %}{{ self.a() }}{% endblock %}",
    "filter blocks": "{% filter indent(99999999, true) %}a\n{% endfilter %}" * 9,
    "set blocks": nested("{% set x %}", "{% endset %}{{ x }}", 9, "{{ 'a' * 99999999 }}"),
    "lipsum": "{{ lipsum(100000) }}",
    "strftime": "{{ strftime_now('%c' * 9999999) }}",
    "strftime width": "{{ strftime_now('%1000000000Y') }}",
    "an error without end": "{{ raise_exception('a' * 99999999) }}",
    # what is compiled
    "folded": "{{ 'a' * 999999999 }}{{ 7 ** 99999999 }}",
    "folded in a condition": "{% if false %}{{ 7 ** 7 ** 7 ** 7 }}{% endif %}",
    "folded filters": "{{ 'a' | center(999999999) | center(9999999999) }}",
    "an unclosed loop": "{% for a in b",
    "parentheses": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "minus": "{{ " + "-" * 50000 + "1 }}",
    "nots": "{{ " + "not " * 50000 + "1 }}",
    "lists": "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "ifs": nested("{% if 1 %}", "{% endif %}", 5000),
    "loops": nested("{% for a in [1] %}", "{% endfor %}", 500),
    "a chain of filters": "{{ 1" + " | string" * 20000 + " }}",
    "a chain of attributes": "{{ a" + ".b" * 50000 + " }}",
    "a long sum": "{{ 1" + " + 1" * 99999 + " }}",
    "a long comparison": "{{ 1" + " < 2" * 99999 + " }}",
    "a vast template": "{{ a }}" * 300000,
    "a vast constant": "{{ " + "9" * 1000000 + " }}",
    "macros": "".join(f"{{% macro m{i}() %}}{{% endmacro %}}" for i in range(20000)),
}  # fmt: skip
