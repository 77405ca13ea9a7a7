"""The language server, spoken to over the protocol as an editor does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="pip install 'alloclint[server]'")
pytest_lsp = pytest.importorskip("pytest_lsp", reason="pip install pytest-lsp")

from lsprotocol import types as lsp  # noqa: E402
from pytest_lsp import LanguageClient  # noqa: E402

pytestmark = pytest.mark.asyncio

RUST = """\
pub fn doubled(items: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for item in items {
        out.push(item * 2);
    }
    out
}
"""
JAVA = """\
import java.util.*;

class Index {
    static List<String> of(List<String> names) {
        List<String> out = new ArrayList<>();
        for (String name : names) {
            out.add(name.trim());
        }
        return out;
    }
}
"""
OWN_RULE = '''\
"""
Always fails.
"""

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.finding import Finding, Severity

CODE = "X001"
SEVERITY = Severity.warning
LANGUAGES = ("rust",)


def check(function: Function) -> Iterator[Finding]:
    raise ValueError("no luck")
    yield
'''
FIXED = RUST.replace("Vec::new()", "Vec::with_capacity(items.len())")
START = lsp.Position(0, 0)
#: Long enough on a machine that does many other things; nothing waits that long otherwise.
PATIENCE = 30.0


class Editor:
    """A client with a folder, and shorthands for what an editor does."""

    def __init__(self, client: Any, folder: Path) -> None:
        self.client, self.folder = client, folder
        self._version = 1

    async def begin(
        self, capabilities: lsp.ClientCapabilities, options: object = None, folders: Sequence[Path] = ()
    ) -> lsp.InitializeResult:
        roots = [lsp.WorkspaceFolder(path.as_uri(), path.name) for path in folders or [self.folder]]
        params = lsp.InitializeParams(
            capabilities=capabilities, workspace_folders=roots, initialization_options=options
        )
        result: lsp.InitializeResult = await self.client.initialize_session(params)
        return result

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path.as_uri()

    def open(self, uri: str, text: str, language: str = "rust") -> None:
        item = lsp.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def edit(self, uri: str, text: str, start: lsp.Position, end: lsp.Position | None = None) -> int:
        self._version += 1
        change = lsp.TextDocumentContentChangePartial(lsp.Range(start, end or start), text)
        document = lsp.VersionedTextDocumentIdentifier(self._version, uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        return self._version

    async def pull(self, uri: str, previous: str | None = None) -> lsp.DocumentDiagnosticReport:
        params = lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(uri), previous_result_id=previous)
        report: lsp.DocumentDiagnosticReport = await self.client.text_document_diagnostic_async(params)
        return report

    async def pulled(self, uri: str) -> list[lsp.Diagnostic]:
        report = await self.pull(uri)
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def shown(self, uri: str, codes: Sequence[str]) -> list[lsp.Diagnostic]:
        """What is shown of a text, once it has these codes."""
        return await self.once(uri, lambda found: [one.code for one in found] == list(codes))

    async def once(self, uri: str, is_right: Callable[[list[lsp.Diagnostic]], bool]) -> list[lsp.Diagnostic]:
        """What is shown of a text, once it is right."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while uri not in self.client.diagnostics or not is_right(list(self.client.diagnostics[uri])):
            assert asyncio.get_running_loop().time() < end, f"shown are {self.client.diagnostics.get(uri)}"
            await asyncio.sleep(0.02)
        return list(self.client.diagnostics[uri])

    async def actions(self, uri: str, line: int, only: Sequence[str] | None = None) -> list[lsp.CodeAction]:
        where = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
        shown = [one for one in self.client.diagnostics.get(uri, ()) if one.range.start.line == line]
        context = lsp.CodeActionContext(shown, only=list(only) if only else None)
        params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), where, context)
        return list(await self.client.text_document_code_action_async(params))

    async def hover(self, uri: str, line: int, character: int) -> str | None:
        position = lsp.Position(line, character)
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), position)
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found is not None else None


SERVER = pytest_lsp.ClientServerConfig(server_command=[sys.executable, "-m", "alloclint", "server"])


@pytest_lsp.fixture(config=SERVER)  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient) -> AsyncGenerator[None, None]:
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def editor(client: Any, tmp_path: Path) -> Editor:
    folder = tmp_path / "project"
    folder.mkdir()
    return Editor(client, folder)


def pushing() -> lsp.ClientCapabilities:
    """An editor that shows what it is sent, as Neovim 0.7 and Emacs 29."""
    return lsp.ClientCapabilities()


def pulling() -> lsp.ClientCapabilities:
    """An editor that asks for diagnostics, as VS Code."""
    return lsp.ClientCapabilities(
        text_document=lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    )


def with_encodings(*encodings: str) -> lsp.ClientCapabilities:
    kinds = [lsp.PositionEncodingKind(one) for one in encodings]
    return lsp.ClientCapabilities(general=lsp.GeneralClientCapabilities(position_encodings=kinds))


def applied(text: str, edits: Sequence[Any]) -> str:
    """A text of ASCII with the edits of an action in it."""
    lines = text.splitlines(keepends=True)

    def offset(position: lsp.Position) -> int:
        return sum(len(line) for line in lines[: position.line]) + position.character

    for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def changes(action: lsp.CodeAction, uri: str) -> Sequence[Any]:
    assert action.edit is not None
    assert action.edit.changes is not None
    return action.edit.changes[uri]


# ---------------------------------------------------------------- diagnostics


async def test_what_is_found_is_pushed_with_everything_that_explains_it(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    (found,) = await editor.shown(uri, ["ALC101"])
    assert found.source == "alloclint"
    assert found.severity == lsp.DiagnosticSeverity.Warning
    assert found.range == lsp.Range(lsp.Position(1, 18), lsp.Position(1, 28))
    assert "write: Vec::with_capacity(items.len())" in found.message
    assert found.related_information is not None
    assert found.related_information[0].location.uri == uri
    assert found.related_information[0].location.range.start.line == 3
    assert found.code_description is not None
    assert found.code_description.href.endswith("/unsized_collection.py")


async def test_edits_move_remove_and_bring_diagnostics(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    await editor.shown(uri, ["ALC101"])
    editor.edit(uri, "// above\n\n", START)
    await editor.once(uri, lambda found: found[0].range.start.line == 3)
    editor.edit(uri, "with_capacity(items.len())", lsp.Position(3, 23), lsp.Position(3, 28))
    await editor.shown(uri, [])
    editor.edit(uri, "new()", lsp.Position(3, 23), lsp.Position(3, 49))
    await editor.shown(uri, ["ALC101"])


async def test_half_written_code_keeps_what_is_known_of_the_rest(editor: Editor) -> None:
    text = RUST + "\npub fn other() -> u64 {\n    1\n}\n"
    uri = editor.write("lib.rs", text)
    await editor.begin(pushing())
    editor.open(uri, text)
    await editor.shown(uri, ["ALC101"])
    editor.edit(uri, "foo(1, [", lsp.Position(9, 4))
    await asyncio.sleep(1.0)
    assert [one.code for one in editor.client.diagnostics[uri]] == ["ALC101"]


async def test_editors_that_ask_are_answered_and_not_pushed_to(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    result = await editor.begin(pulling())
    provider = result.capabilities.diagnostic_provider
    assert isinstance(provider, lsp.DiagnosticOptions)
    assert provider.inter_file_dependencies
    assert not provider.workspace_diagnostics
    editor.open(uri, RUST)
    report = await editor.pull(uri)
    assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
    assert [one.code for one in report.items] == ["ALC101"]
    again = await editor.pull(uri, report.result_id)
    assert isinstance(again, lsp.RelatedUnchangedDocumentDiagnosticReport)
    editor.edit(uri, "with_capacity(items.len())", lsp.Position(1, 23), lsp.Position(1, 28))
    assert await editor.pulled(uri) == []
    assert uri not in editor.client.diagnostics


async def test_closed_texts_show_nothing(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    await editor.shown(uri, ["ALC101"])
    document = lsp.TextDocumentIdentifier(uri)
    editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
    await editor.shown(uri, [])


async def test_superfluous_suppressions_are_shown_faded(editor: Editor) -> None:
    text = "pub fn one() -> u64 {\n    1 // alloclint: ignore[ALC101]\n}\n"
    uri = editor.write("lib.rs", text)
    await editor.begin(pushing())
    editor.open(uri, text)
    (found,) = await editor.shown(uri, ["ALC904"])
    assert list(found.tags or ()) == [lsp.DiagnosticTag.Unnecessary]


async def test_texts_without_a_file_are_checked_by_their_language(editor: Editor) -> None:
    await editor.begin(pushing())
    editor.open("untitled:Untitled-1", RUST)
    await editor.shown("untitled:Untitled-1", ["ALC101"])
    editor.open("untitled:Untitled-2", RUST, language="plaintext")
    await editor.shown("untitled:Untitled-2", [])


async def test_manifests_are_checked_with_each_other(editor: Editor) -> None:
    text = 'FROM debian:12\nRUN export MALLOC_ARENA_MAX=2\nCMD ["server"]\n'
    uri = editor.write("Dockerfile", text)
    await editor.begin(pushing())
    editor.open(uri, text, language="dockerfile")
    await editor.shown(uri, ["ALC618"])


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("offered", "chosen", "column"),
    [(("utf-16", "utf-8"), "utf-8", 28), (("utf-16",), "utf-16", 25), (("utf-32",), "utf-32", 24)],
)
async def test_positions_count_in_the_encoding_agreed_on(
    editor: Editor, offered: tuple[str, ...], chosen: str, column: int
) -> None:
    # U+1F600 takes four bytes, or two units of UTF-16, or one character; é two bytes, or one of either.
    text = RUST.replace("let mut", "/*😀é*/ let mut")
    uri = editor.write("lib.rs", text)
    result = await editor.begin(with_encodings(*offered))
    assert result.capabilities.position_encoding == chosen
    editor.open(uri, text)
    (found,) = await editor.shown(uri, ["ALC101"])
    assert found.range.start == lsp.Position(1, column + 1)
    editor.edit(uri, "with_capacity(9)", lsp.Position(1, column + 6), lsp.Position(1, column + 11))
    await editor.shown(uri, [])


# ---------------------------------------------------------------- actions


async def test_the_safe_fix_is_preferred_and_all_of_them_are_one_action(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    shown = await editor.shown(uri, ["ALC101"])
    fix = (await editor.actions(uri, 1, [lsp.CodeActionKind.QuickFix]))[0]
    assert fix.title == "Write `Vec::with_capacity(items.len())`"
    assert fix.is_preferred
    assert list(fix.diagnostics or ()) == shown
    assert applied(RUST, changes(fix, uri)) == FIXED
    (every,) = await editor.actions(uri, 0, ["source.fixAll"])
    assert every.kind == "source.fixAll.alloclint"
    assert applied(RUST, changes(every, uri)) == FIXED


async def test_unsafe_fixes_are_labelled(editor: Editor) -> None:
    text = (
        "import java.util.*;\n\nclass Index {\n    static Map<String, Integer> of(List<String> names) {\n"
        "        Map<String, Integer> index = new HashMap<>();\n        for (String name : names) {\n"
        "            index.put(name, 1);\n        }\n        return index;\n    }\n}\n"
    )
    uri = editor.write("Index.java", text)
    await editor.begin(pushing(), {"min-severity": "info"})
    editor.open(uri, text, language="java")
    await editor.shown(uri, ["ALC101"])
    fixes = [one for one in await editor.actions(uri, 4) if one.title.startswith("Write")]
    assert fixes
    assert all(one.is_preferred or one.title.endswith(" (unsafe)") for one in fixes)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("lib.rs", RUST, 1),
        (
            "Index.java",
            JAVA,
            4,
        ),
        (
            "index.py",
            "def drain(queue: list[str]) -> None:\n    while queue:\n        print(queue.pop(0))\n",
            2,
        ),
    ],
)
async def test_a_comment_ignores_a_finding_in_each_language(
    editor: Editor, name: str, text: str, line: int
) -> None:
    uri = editor.write(name, text)
    await editor.begin(pushing(), {"minSeverity": "info"})
    editor.open(uri, text, language=name.partition(".")[2])
    await editor.once(uri, lambda found: len(found) == 1)
    (ignore,) = [one for one in await editor.actions(uri, line) if one.title.startswith("Ignore")]
    for edit in changes(ignore, uri):
        editor.edit(uri, edit.new_text, edit.range.start, edit.range.end)
    await editor.shown(uri, [])


async def test_an_expected_size_is_written_above_the_declaration(editor: Editor) -> None:
    text = (
        "use std::collections::HashMap;\n\npub fn index() -> HashMap<u64, u64> {\n"
        "    let mut map = HashMap::new();\n    map.insert(1, 2);\n    map\n}\n"
    )
    uri = editor.write("lib.rs", text)
    await editor.begin(pushing())
    editor.open(uri, text)
    await editor.shown(uri, [])
    (annotate,) = await editor.actions(uri, 3, [lsp.CodeActionKind.RefactorRewrite])
    assert annotate.title.endswith("…")
    (edit,) = changes(annotate, uri)
    assert applied(text, [edit]).splitlines()[3] == "    // alloclint: expect=100k"
    editor.edit(uri, edit.new_text, edit.range.start, edit.range.end)
    await editor.shown(uri, ["ALC102"])


async def test_an_editor_with_snippets_gets_a_placeholder(editor: Editor) -> None:
    edits = lsp.WorkspaceEditClientCapabilities(document_changes=True, snippet_edit_support=True)
    uri = editor.write("lib.rs", RUST)
    await editor.begin(
        lsp.ClientCapabilities(workspace=lsp.WorkspaceClientCapabilities(workspace_edit=edits))
    )
    editor.open(uri, RUST)
    await editor.shown(uri, ["ALC101"])
    (annotate,) = await editor.actions(uri, 1, [lsp.CodeActionKind.RefactorRewrite])
    assert annotate.edit is not None
    assert annotate.edit.document_changes is not None
    (document,) = annotate.edit.document_changes
    assert isinstance(document, lsp.TextDocumentEdit)
    assert document.text_document.version == 1
    (edit,) = document.edits
    assert isinstance(edit, lsp.SnippetTextEdit)
    assert edit.snippet.value == "    // alloclint: expect=${1:100k}\n"


# ---------------------------------------------------------------- hover


async def test_hover_shows_how_a_collection_grows(editor: Editor) -> None:
    text = (
        "use std::collections::HashMap;\n\npub fn index() {\n"
        "    // alloclint: expect=58.7M entry=16B growth=2.5M/day\n"
        "    let mut map: HashMap<u64, u64> = HashMap::new();\n    map.insert(1, 1);\n}\n"
    )
    uri = editor.write("lib.rs", text)
    await editor.begin(pushing())
    editor.open(uri, text)
    page = await editor.hover(uri, 4, 40)
    assert page is not None
    assert "58,700,000 entries" in page
    assert "Held then: 1.06 GiB; grows next in 12 minutes" in page
    (row,) = [line for line in page.splitlines() if "58,720,257" in line]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "58,720,257", "117,440,512", "2.13 GiB", "3.19 GiB",
    ]  # fmt: skip
    assert await editor.hover(uri, 5, 5) == page
    assert await editor.hover(uri, 2, 2) is None


# ---------------------------------------------------------------- settings and files


async def test_settings_of_the_editor_win_over_those_of_the_file(editor: Editor) -> None:
    editor.write("alloclint.toml", 'ignore = ["ALC102"]\n')
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing(), {"alloclint": {"ignore": ["ALC101"]}})
    editor.open(uri, RUST)
    await editor.shown(uri, [])
    settings = {"alloclint": {"ignore": [], "minSeverity": "warning"}}
    editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings))
    await editor.shown(uri, ["ALC101"])


async def test_a_wrong_setting_is_told_and_the_others_hold(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    editor.write("alloclint.toml", "min-severty = 'info'\n")
    await editor.begin(pushing())
    editor.open(uri, RUST)
    await editor.shown(uri, ["ALC101"])
    assert any("min-severty: there is no such setting" in one.message for one in editor.client.messages)


async def test_a_settings_file_that_changes_changes_what_is_shown(editor: Editor) -> None:
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    await editor.shown(uri, ["ALC101"])
    event = lsp.FileEvent(editor.write("alloclint.toml", 'ignore = ["ALC1"]\n'), lsp.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
    await editor.shown(uri, [])


async def test_an_expected_size_in_another_file_is_heeded(editor: Editor) -> None:
    text = (
        "use crate::index::Index;\nuse std::collections::HashMap;\n\n"
        "pub fn index() -> Index {\n    Index { map: HashMap::new() }\n}\n"
    )
    declared = "use std::collections::HashMap;\n\npub struct Index {\n    pub map: HashMap<u64, u64>,\n}\n"
    uri, other = editor.write("src/lib.rs", text), editor.write("src/index.rs", declared)
    await editor.begin(pushing())
    editor.open(uri, text)
    await editor.shown(uri, [])
    editor.write("src/index.rs", declared.replace("    pub", "    // alloclint: expect=58.7M\n    pub"))
    event = lsp.FileEvent(other, lsp.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
    await editor.shown(uri, ["ALC102"])
    # What the editor has not saved yet counts just as well.
    editor.open(other, declared)
    await editor.shown(uri, [])


async def test_each_workspace_folder_has_its_own_settings(editor: Editor) -> None:
    one, two = editor.write("one/lib.rs", RUST), editor.write("two/lib.rs", RUST)
    editor.write("two/alloclint.toml", 'ignore = ["ALC101"]\n')
    await editor.begin(pushing(), folders=[editor.folder / "one"])
    added = lsp.WorkspaceFolder((editor.folder / "two").as_uri(), "two")
    event = lsp.WorkspaceFoldersChangeEvent(added=[added], removed=[])
    editor.client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event))
    editor.open(one, RUST)
    editor.open(two, RUST)
    await editor.shown(one, ["ALC101"])
    await editor.shown(two, [])


async def test_excluded_files_are_silent(editor: Editor) -> None:
    uri = editor.write("target/lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    await editor.shown(uri, [])


async def test_a_rule_that_fails_is_a_line_in_the_log(editor: Editor) -> None:
    editor.write("alloclint.toml", 'rules = ["own"]\n')
    editor.write("own/broken_rule.py", OWN_RULE)
    uri = editor.write("lib.rs", RUST)
    await editor.begin(pushing())
    editor.open(uri, RUST)
    await editor.shown(uri, ["ALC101"])
    assert any("X001" in one.message and "no luck" in one.message for one in editor.client.log_messages)


# ---------------------------------------------------------------- requests that are called off


async def test_a_request_that_is_cancelled_is_answered_as_such(editor: Editor) -> None:
    text = "".join(RUST.replace("doubled", f"doubled_{number}") for number in range(400))
    uri = editor.write("lib.rs", text)
    await editor.begin(pulling())
    editor.open(uri, text)
    params = lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(uri))
    request = asyncio.ensure_future(
        editor.client.protocol.send_request_async("textDocument/diagnostic", params, msg_id="first")
    )
    await asyncio.sleep(0.01)
    editor.client.cancel_request(lsp.CancelParams("first"))
    with pytest.raises(Exception, match=r"(?i)cancel"):
        await request
    assert len(await editor.pulled(uri)) == 400


async def test_edits_while_a_text_is_checked_are_all_taken(editor: Editor) -> None:
    text = "".join(RUST.replace("doubled", f"doubled_{number}") for number in range(200))
    uri = editor.write("lib.rs", text)
    await editor.begin(pulling())
    editor.open(uri, text)
    waiting = asyncio.ensure_future(editor.pulled(uri))
    for _ in range(20):
        editor.edit(uri, "// above\n", START)
        await asyncio.sleep(0.005)
    await waiting
    found = await editor.pulled(uri)
    assert len(found) == 200
    assert found[0].range.start.line == 21
