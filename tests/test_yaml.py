"""YAML with places: what is read, where it stands, and what becomes of files that are damaged."""

from __future__ import annotations

import pytest

from alloclint.finding import Place
from alloclint.project import yaml
from alloclint.project.token import Source
from alloclint.project.within import part


def read(content: str | bytes) -> tuple[Source, tuple[yaml.Node, ...]]:
    source = Source("a.yml", content if isinstance(content, bytes) else content.encode())
    return source, yaml.documents(source)


def bytes_at(source: Source, place: Place) -> bytes:
    return source.content[place.start.offset : place.end.offset]


def written(source: Source, node: yaml.Node | None) -> bytes:
    assert node is not None
    return bytes_at(source, node.place)


def test_places_are_bytes_also_behind_letters_of_several() -> None:
    source, (top,) = read("ä: 'é'  # x\nb: |\n  one\n  zwö\nc: [\"a\\tb\"]\n")
    token = yaml.word(yaml.get(top, "ä"))
    assert token is not None
    assert (token.text, token.place.start.line, token.place.start.column) == ("é", 1, 5)
    assert written(source, yaml.get(top, "ä")) == "'é'".encode()
    assert written(source, yaml.get(top, "b")) == "|\n  one\n  zwö".encode()
    (escaped,) = yaml.words(yaml.get(top, "c"))
    assert (escaped.text, escaped.raw) == ("a\tb", '"a\\tb"')


def test_anchors_and_tags_are_no_part_of_a_value_and_aliases_keep_their_anchors_place() -> None:
    source, (top,) = read("a: &x !!str v\nb: *x\nc: &m\n  d: 1\n")
    assert written(source, yaml.get(top, "a")) == b"v"
    assert yaml.get(top, "b") is yaml.get(top, "a")
    assert written(source, yaml.get(top, "c")) == b"d: 1"


def test_merges_lose_against_own_keys_and_earlier_ones_win() -> None:
    _, (top,) = read("x: &x {A: 1, B: 1}\ny: &y {B: 2, C: 2}\nz: {<<: [*x, *y], A: 0}\n")
    found = {key.text: value.token.text for key, value in yaml.pairs(yaml.get(top, "z"))
             if isinstance(value, yaml.Scalar)}  # fmt: skip
    assert found == {"A": "0", "B": "1", "C": "2"}


def test_documents_before_a_fault_count_and_the_fault_is_damage() -> None:
    source, found = read("a: 1\n---\nb: 2\n---\nc: [1,\n")
    assert [yaml.pairs(one)[0][0].text for one in found] == ["a", "b"]
    (damage,) = source.damage
    assert (damage.start.line, damage.text) == (5, "did not find expected node content")


def test_a_template_that_is_no_yaml_is_no_damage() -> None:
    source, found = read("a: 1\n---\n{{- if .x }}\nb: 2\n{{- end }}\n")
    assert len(found) == 1
    assert not source.damage


def test_the_expressions_of_workflows_make_no_template() -> None:
    source, _ = read("a: ${{ x }}\nb: [\n")
    assert source.damage


def test_a_value_that_a_template_makes_is_unknown() -> None:
    _, (top,) = read("a: {{ .Values.x }}\nb: {{ a }}\n")
    assert isinstance(yaml.get(top, "a"), yaml.Unknown)
    assert yaml.word(yaml.get(top, "a")) is None


def test_aliases_in_rings_and_to_nothing_are_unknown() -> None:
    _, (top,) = read("a: &x [*x, 1]\nb: *nowhere\n")
    assert isinstance(yaml.items(yaml.get(top, "a"))[0], yaml.Unknown)
    assert isinstance(yaml.get(top, "b"), yaml.Unknown)


def test_aliases_of_aliases_are_not_expanded() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 9)}]" for n in range(60)]
    _, (top,) = read("\n".join(lines))
    assert [one.token.text for one in yaml.scalars(top)] == ["x"]


def test_merges_of_merges_end() -> None:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n + 1}: &a{n + 1} {{k{n}: 1, <<: [{','.join([f'*a{n}'] * 9)}]}}" for n in range(300)]
    _, (top,) = read("\n".join(lines))
    assert len(yaml.pairs(top)) == 301


def test_nesting_without_end_is_damage() -> None:
    source, found = read("[" * 50_000)
    assert not found
    assert [one.text for one in source.damage] == ["nested deeper than 100 levels"]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"# nothing\n", b"---\n---\n"])
def test_files_that_say_nothing(content: bytes) -> None:
    source, found = read(content)
    assert not found
    assert not source.damage


def test_a_byte_order_mark_and_bytes_that_are_no_text_move_nothing() -> None:
    source, (top,) = read(b"\xef\xbb\xbfa: \xff\xfe x\nb: \xc3\xa9 y\n")
    assert written(source, yaml.get(top, "a")) == b"\xff\xfe x"
    assert written(source, yaml.get(top, "b")) == b"\xc3\xa9 y"


def test_a_forbidden_character_is_damage_where_it_stands() -> None:
    source, _ = read("a: 1\nb: \x01\n")
    assert [one.start.line for one in source.damage] == [2]


def test_prefixes_of_a_file_never_raise() -> None:
    whole = 'a: &x\n  - "é\\n"\n  - {b: *x, <<: {c: 1}}\n---\nd: |-\n  ö\n'.encode()
    for end in range(len(whole)):
        yaml.documents(Source("a.yml", whole[:end]))


def test_parts_of_values_are_found_through_quotes_and_indentation() -> None:
    source, (top,) = read('a: "x -Xmx1g"\nb: >-\n  -Xms1g\n  -Xmx2g\nc: "-Xmx$$1 \\t-Xss1m"\n')
    for key, wanted in (("a", "-Xmx1g"), ("b", "-Xmx2g"), ("c", "-Xss1m")):
        token = yaml.word(yaml.get(top, key))
        assert token is not None
        at = token.text.index(wanted)
        assert bytes_at(source, part(token, at, at + len(wanted))) == wanted.encode()


def test_a_part_that_cannot_be_told_is_the_whole() -> None:
    source, (top,) = read('a: "b\\tb"\n')
    token = yaml.word(yaml.get(top, "a"))
    assert token is not None
    assert bytes_at(source, part(token, 2, 3)) == b'"b\\tb"'
