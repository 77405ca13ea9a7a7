"""What is checked after an edit is what a check of the whole text finds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="pip install 'alloclint[server]'")

from lsprotocol import types as lsp

from alloclint import engine, selection
from alloclint.discover import Target
from alloclint.file import File
from alloclint.finding import Finding
from alloclint.server.checking import Checked, Checker
from alloclint.server.document import Document
from alloclint.server.folder import Folder
from alloclint.server.options import Options
from alloclint.server.text import Lines
from alloclint.server.worker import Worker
from alloclint.settings import Settings

FIXTURES = Path(__file__).parents[1] / "fixtures"
SOURCES = sorted(
    path
    for folder in ("capacity", "temporaries", "retention", "eager", "regex")
    for path in (FIXTURES / folder).glob("*.*")
    if path.suffix in (".rs", ".java", ".py")
)


class Writer:
    """Writes a text as an editor's user does, and has it checked."""

    def __init__(self, folder: Path, name: str, text: str) -> None:
        self.worker = Worker()
        self.folder = Folder(folder, Options(), self.worker)
        self.folder.load()
        self.checker = Checker()
        self.path = folder / name
        self.document = Document(self.path.as_uri(), "", 1, text, "utf-8")

    def check(self, *, whole: bool) -> Checked:
        return self.checker.check(self.document.now, self.path, self.folder, whole=whole)

    def replace(self, start: int, end: int, text: str) -> None:
        where = Lines(self.document.now.source, "utf-8").range(start, end)
        change = lsp.TextDocumentContentChangePartial(where, text)
        self.document.change(self.document.now.version + 1, [change])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cold(path: Path, source: bytes) -> list[tuple[object, ...]]:
    """What a run over the text alone finds."""
    target = Target(path, path.name, explicit=False)
    found = engine.run(
        [target], Settings(root=path.parent), selection.known(()), sources={target.shown: source}
    )
    return [told(one) for one in found.findings]


def told(finding: Finding) -> tuple[object, ...]:
    return (*finding.order(), finding.severity, finding.evidence, finding.suggestion, finding.because)


def functions(file: File) -> list[tuple[int, int]]:
    return [one.span for one in file.unit.functions if one.name[0] != "<" and one.end - one.start > 40]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_edit_inside_a_function_is_told_as_a_check_of_the_whole_text_tells_it(
    folder: Path, source: Path
) -> None:
    text = source.read_text(encoding="utf-8")
    writer = Writer(folder, source.name, text)
    first = writer.check(whole=True)
    assert first.file is not None
    random_ = random.Random(source.name)
    for start, _ in random_.sample(functions(first.file), min(3, len(functions(first.file)))):
        # A blank line inside of a body changes nothing but where things are, and the lines in messages.
        at = writer.document.now.source.find(b"\n", start) + 1
        writer.replace(at, at, "\n")
        quick = writer.check(whole=False)
        assert [told(one)[:4] for one in quick.findings] == [
            told(one)[:4] for one in writer.check(whole=True).findings
        ]
    now = writer.document.now.source
    assert [told(one) for one in writer.check(whole=True).findings] == cold(writer.path, now)


@pytest.mark.parametrize("name", ["unsized_collection.rs", "unsized_collection.java", "grown_collection.py"])
def test_texts_in_any_state_are_checked_as_if_they_had_just_been_opened(folder: Path, name: str) -> None:
    text = (FIXTURES / "capacity" / name).read_text(encoding="utf-8")
    writer = Writer(folder, name, text)
    writer.check(whole=True)
    random_ = random.Random(name)
    for _ in range(12):
        source = writer.document.now.source
        start = random_.randrange(len(source))
        inserted = random_.choice(["(", "}\n", "x", "", '"', "\n\n", "/*", "for item in items {", "é"])
        writer.replace(start, min(len(source), start + random_.choice([0, 0, 1, 12])), inserted)
        writer.check(whole=False)
        found = writer.check(whole=True)
        assert [told(one) for one in found.findings] == cold(writer.path, writer.document.now.source)


def test_a_tree_grows_with_its_text(folder: Path) -> None:
    text = "fn one() {\n    let a = 1;\n}\n" * 50
    writer = Writer(folder, "lib.rs", text)
    writer.check(whole=True)
    writer.replace(text.index("1;"), text.index("1;") + 1, "[😀")
    broken = writer.check(whole=True).file
    assert broken is not None
    assert broken.tree.root_node.has_error
    writer.replace(text.index("1;"), text.index("1;") + 5, "2")
    mended = writer.check(whole=True).file
    assert mended is not None
    assert not mended.tree.root_node.has_error
    assert str(mended.tree.root_node) == str(File.of("lib.rs", mended.source, mended.limits).tree.root_node)


def test_work_that_is_called_off_ends_at_the_next_question_to_a_rule(folder: Path) -> None:
    import asyncio

    from alloclint.server.worker import Abandoned, Ticket

    writer = Writer(folder, "lib.rs", (FIXTURES / "capacity" / "unsized_collection.rs").read_text())

    async def work() -> None:
        ticket = Ticket()

        def check() -> Checked:
            # Called off from another thread, while the work is under way.
            ticket.call_off()
            return writer.check(whole=True)

        with pytest.raises(Abandoned):
            await writer.worker.run(check, ticket)
        done = await writer.worker.run(lambda: writer.check(whole=True))
        assert done.findings

    asyncio.run(work())
