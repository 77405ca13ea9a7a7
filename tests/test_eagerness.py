"""What an argument makes too early, whether it can wait, and how it is written so that it does."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts import Call
from alloclint.facts.eager.capturing import of_key, supplier
from alloclint.facts.eager.eagerness import Waiting, eager_part, waiting
from alloclint.facts.eager.logging import log_call
from alloclint.facts.eager.templates import in_java, in_python
from alloclint.facts.names.wrappers import wrapper_of
from alloclint.file import File
from alloclint.settings import Limits


def call(suffix: str, source: str, name: str = "go") -> Call:
    (only,) = File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None).facts.calls((name,))
    return only


def in_rust(argument: str) -> Call:
    params = "p: &String, a: std::sync::Arc<str>, n: usize, d: usize, v: &[String], u: &U, c: &mut C"
    return call("rs", f"fn f({params}) -> Option<u8> {{ go({argument}) }}")


@pytest.mark.parametrize(
    ("argument", "makes"),
    [
        ('format!("{n}")', "a String"),
        ("p.clone()", "a copy"),
        ("v.to_vec()", "a Vec"),
        ("Some(p.to_string())", "a String"),
        ("vec![n]", "a Vec"),
        ('anyhow!("no {n}")', "a formatted error"),
        ("Vec::with_capacity(n)", "a buffer"),
        ("vec![]", None),
        ("String::new()", None),
        ("Vec::with_capacity(0)", None),
        ('"".to_owned()', None),
        ("a.clone()", None),
        ("u.clone()", None),
        ("n.clone()", None),
        ("p.len()", None),
        ("|| p.clone()", None),
        ("[n, n]", None),
    ],
)
def test_what_an_argument_makes(argument: str, makes: str | None) -> None:
    found = in_rust(argument)
    eager = eager_part(found.args[0], found)
    assert (eager.makes if eager is not None else None) == makes


@pytest.mark.parametrize(
    ("argument", "when"),
    [
        ('format!("{n}")', Waiting.freely),
        ("(n + d).to_string()", Waiting.freely),
        ("E::Missing(p.clone())", Waiting.freely),
        ("u.name().to_string()", Waiting.freely),
        ("load(n).to_string()", Waiting.perhaps),
        ("(n / d).to_string()", Waiting.never),
        ("v[n].clone()", Waiting.never),
        ("p.parse::<u8>().unwrap().to_string()", Waiting.never),
        ("p.parse::<u8>()?.to_string()", Waiting.never),
        ("c.next().to_string()", Waiting.never),
        ("load(&mut c).to_string()", Waiting.never),
        ('println!("{n}")', Waiting.never),
    ],
)
def test_what_can_wait(argument: str, when: Waiting) -> None:
    found = in_rust(argument)
    assert waiting(found.args[0], found) is when


@pytest.mark.parametrize(
    ("argument", "wrapper"),
    [
        ("o", "Option"),
        ("r", "Result"),
        ("r.ok()", "Option"),
        ("m.get(&1).map(|x| x + 1)", "Option"),
        ("s.parse::<u8>()", "Result"),
        ('std::env::var("A")', "Result"),
        ("s", None),
        ("load()", None),
    ],
)
def test_option_or_result(argument: str, wrapper: str | None) -> None:
    source = f"fn f(o: Option<u8>, r: Result<u8, u8>, m: &M, s: &str) {{ go({argument}); }}"
    found = call("rs", source)
    assert wrapper_of(found.args[0], found) == wrapper


def in_a_class(argument: str) -> Call:
    return call(
        "java",
        f"""
        class A {{
            static final String NAME = "a";
            void f(String key, Object x, int n, int m) {{
                n++;
                for (int i = 0; i < 9; i++) {{ go({argument}); }}
            }}
        }}
        """,
    )


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ('"a " + x', '() -> "a " + x'),
        ('"a " + m', '() -> "a " + m'),
        ('"a " + n', None),
        ('"a " + i', None),
        ('"a " + m++', None),
    ],
)
def test_what_a_lambda_captures(argument: str, text: str | None) -> None:
    found = in_a_class(argument)
    assert supplier(found.args[0], found) == text


def test_the_key_of_an_entry_is_the_parameter() -> None:
    found = in_a_class('key, new Info(key, "key", x)')
    assert of_key(found.args[1], found.args[0], found) == 'k -> new Info(k, "key", x)'


@pytest.mark.parametrize(
    ("argument", "typed"),
    [
        ('"a " + x', '"a {}", x'),
        ('x + " b"', '"{} b", x'),
        ("\"a \" + x + ':' + (m + 1) + '\"'", '"a {}:{}\\"", x, m + 1'),
        ('String.format("%s at %d", x, m)', '"{} at {}", x, m'),
        ('String.format("%5d", m)', None),
        ('m + n + " b"', None),
        ('"{} " + x', None),
    ],
)
def test_templates_in_java(argument: str, typed: str | None) -> None:
    found = in_a_class(argument)
    template = in_java(found.args[0], found, "{}")
    assert (template.typed(found) if template is not None else None) == typed


@pytest.mark.parametrize(
    ("argument", "typed"),
    [
        ('f"a {x} {y!r}"', '"a %s %r", x, y'),
        ('f"{x:.3f} % {{}}"', '"%.3f %% {}", x'),
        ("rf'\\d {x.y}'", "r'\\d %s', x.y"),
        ('f"ä {x}"', '"ä %s", x'),
        ('f"{x:>{y}}"', None),
        ('f"{x=}"', None),
        ('f"{x}" "b"', None),
        ('f"""{x}"""', None),
        ('"%s %s" % (x, y)', '"%s %s", x, y'),
        ('"%s" % x', None),
        ('"{} {}".format(x, y)', '"%s %s", x, y'),
        ('"{0}".format(x)', None),
        ('"a " + str(x)', '"a %s", x'),
    ],
)
def test_templates_in_python(argument: str, typed: str | None) -> None:
    found = call("py", f"def f(x, y): go({argument})\n")
    template = in_python(found.args[0], found)
    assert (template.typed(found) if template is not None else None) == typed


@pytest.mark.parametrize(
    ("statement", "level"),
    [
        ('LOG.debug("a")', "DEBUG"),
        ("LOG.log(Level.FINE, x)", "FINE"),
        ("LOG.log(Level.WARNING, x)", None),
        ("if (LOG.isLoggable(Level.FINE)) { LOG.fine(x); }", None),
        ("if (!LOG.isLoggable(Level.FINE)) { return; } LOG.fine(x);", None),
        ("if (x == null) { return; } LOG.fine(x);", "FINE"),
        ("try { f(x); } catch (Exception e) { LOG.fine(x); }", None),
        ("other.fine(x)", None),
    ],
)
def test_log_calls(statement: str, level: str | None) -> None:
    source = f"""
    import java.util.logging.*;
    class A {{
        static final Logger LOG = Logger.getLogger("a");
        void f(String x, Other other) {{ {statement}; }}
    }}
    """
    file = File.of("A.java", dedent(source).encode(), Limits(), None)
    found = [log_call(one) for one in file.facts.calls(("debug", "fine", "log"))]
    assert [one.level for one in found if one is not None] == ([level] if level else [])
