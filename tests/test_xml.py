"""XML with places: every value is found again at the bytes it is said to have."""

from __future__ import annotations

from alloclint.project import xml
from alloclint.project.token import Source
from alloclint.project.xml import Element


def read(text: str | bytes) -> tuple[Element | None, Source]:
    source = Source("pom.xml", text if isinstance(text, bytes) else text.encode())
    return xml.read(source), source


def test_text_is_stripped_and_its_place_is_exact() -> None:
    root, source = read(
        "<?xml version='1.0'?>\n<a>\n  <b>\n    caf\u00e9 &amp; t\u00e9a\n  </b>\n  <b/>\n</a>"
    )
    assert root is not None
    first, second = root.all("b")
    assert first.text is not None
    assert first.text.text == "caf\u00e9 & t\u00e9a"
    assert first.text.raw == "caf\u00e9 &amp; t\u00e9a"
    assert (first.text.place.start.line, first.text.place.start.column) == (4, 5)
    assert source.content[second.start : second.end] == b"<b/>"
    assert second.text is None
    assert source.content[first.start : first.end].endswith(b"</b>")
    assert source.damage == []


def test_comments_and_cdata_are_no_part_of_a_place() -> None:
    root, source = read("<a><b><!-- x -->12<!-- y --></b><c><![CDATA[<z>]]></c></a>")
    assert root is not None
    text, raw = root.value("b"), root.value("c")
    assert text is not None and raw is not None
    assert text.text == "12"
    assert source.content[text.place.start.offset : text.place.end.offset] == b"12"
    assert raw.text == "<z>"


def test_prefixes_are_left_out_and_paths_are_followed() -> None:
    root, _ = read('<m:a xmlns:m="urn:m"><m:b><m:c>1</m:c></m:b><m:b><m:c>2</m:c></m:b></m:a>')
    assert root is not None
    assert [one.text.text for one in root.all("b/c") if one.text] == ["1", "2"]
    assert [one.tag for one in root.below()] == ["a", "b", "c", "b", "c"]


def test_a_document_type_is_refused() -> None:
    root, source = read('<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>')
    assert root is None
    (damage,) = source.damage
    assert damage.start.offset == 0
    assert "document type" in damage.text


def test_half_a_document_keeps_what_came_before() -> None:
    text = "<project><artifactId>store</artifactId><dependencies><dependency><artifactId>rocksdbjni</art"
    root, source = read(text)
    assert root is not None
    name, dependency = root.value("artifactId"), root.value("dependencies/dependency/artifactId")
    assert name is not None and name.text == "store"
    assert dependency is not None and dependency.text == "rocksdbjni"
    (damage,) = source.damage
    assert damage.end.offset == len(text)


def test_a_wrong_closing_tag_is_damage_from_there_on() -> None:
    root, source = read("<a><b>1</b><c>2</d><e>3</e></a>")
    assert root is not None
    assert root.value("b") is not None
    assert root.value("e") is None
    assert source.damage[0].start.offset == 17


def test_no_bytes_end_a_run() -> None:
    for text in (
        b"",
        b"<",
        b"\xff\xfe",
        b"plain",
        b"<a>\xff</a>",
        b"<?xml version='1.0' encoding='klingon'?><a/>",
    ):
        _, source = read(text)
        assert source.damage, text


def test_another_encoding_is_read() -> None:
    root, source = read("<?xml version='1.0' encoding='ISO-8859-1'?><a>caf\u00e9</a>".encode("latin-1"))
    assert root is not None and root.text is not None
    assert root.text.text == "caf\u00e9"
    assert source.content[root.text.place.start.offset : root.text.place.end.offset] == b"caf\xe9"


def test_deep_nesting_is_read() -> None:
    root, source = read("<a>" * 50_000 + "</a>" * 50_000)
    assert root is not None
    assert sum(1 for _ in root.below()) == 50_000
    assert source.damage == []
