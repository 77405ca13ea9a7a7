"""
How long an editor waits: from an edit in a text of some thousand lines to its diagnostics.

    python benchmarks/server_latency.py [FILE ...]

Without files, a Rust text of 5,000 lines is made from the fixtures, in which nearly every function has a
finding. Each text is edited fifty times, at random places, many of them so that the code is broken until the
next edit. Measured are the first answer, which is right for the function edited, and after each fifth edit
the settled one, which is that of a check of the whole text; both without the pauses that the server makes to
let its user type on. For comparison the same text is then checked from scratch, by the engine of `alloclint
check`, in the same process. The last column is the whole way of the first answer, through a server in a
process of its own and the pipes to it.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from alloclint import engine, selection
from alloclint.discover import Target
from alloclint.languages import language_of
from alloclint.server.checking import Checker
from alloclint.server.diagnostics import diagnostics
from alloclint.server.document import Document
from alloclint.server.folder import Folder
from alloclint.server.options import Options
from alloclint.server.text import Lines
from alloclint.server.worker import Worker
from alloclint.settings import Settings

FIXTURES = Path(__file__).parents[1] / "fixtures"
EDITS = 50
LINES = 5_000


@dataclass
class Times:
    """Seconds that each of the edits took, by what was waited for."""

    first: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    piped: list[float] = field(default_factory=list)
    findings: int = 0


def generated() -> str:
    """The Rust fixtures, each a module, as often as it takes."""
    texts = [path.read_text() for path in sorted(FIXTURES.glob("*/*.rs"))]
    parts: list[str] = []
    lines = 0
    while lines < LINES:
        text = texts[len(parts) % len(texts)]
        parts.append(f"mod part_{len(parts)} {{\n{text}\n}}\n")
        lines += parts[-1].count("\n")
    return "".join(parts)


def edits(source: bytes) -> Iterator[tuple[lsp.Range, str]]:
    """Where to write what: a name or a bracket behind a line of code, and then away with it again."""
    random_ = random.Random(1)
    lines = Lines(source, "utf-8")
    candidates = [
        number
        for number in range(len(lines) - 1)
        if lines.source[lines.start(number) : lines.end(number)].rstrip().endswith((b";", b")", b","))
    ]
    for number in random_.sample(candidates, EDITS // 2):
        at = lines.range(lines.end(number), lines.end(number))
        text = random_.choice([" x", " (", " // why", "  "])
        yield at, text
        end = lsp.Position(at.start.line, at.start.character + len(text))
        yield lsp.Range(at.start, end), ""


def in_process(path: Path, text: str, times: Times) -> None:
    """The work of the server without its pauses and its pipes, and a check from scratch."""
    worker = Worker()
    folder = Folder(path.parent, Options(), worker, whole=False)
    folder.load()
    checker = Checker()
    document = Document(path.as_uri(), "", 1, text, "utf-8")
    opened = checker.check(document.now, path, folder, whole=True)
    times.findings = len(opened.shown)
    for number, (where, inserted) in enumerate(edits(document.now.source)):
        begun = time.perf_counter()
        document.change(number + 2, [lsp.TextDocumentContentChangePartial(where, inserted)])
        diagnostics(checker.check(document.now, path, folder, whole=False))
        times.first.append(time.perf_counter() - begun)
        document.settled(document.now.number)
        if number % 5 == 0:
            begun = time.perf_counter()
            diagnostics(checker.check(document.now, path, folder, whole=True))
            times.settled.append(times.first[-1] + time.perf_counter() - begun)
            times.cold.append(_cold(path, document.now.source))
    worker.stop()


def _cold(path: Path, source: bytes) -> float:
    target = Target(path, path.name, explicit=True)
    begun = time.perf_counter()
    engine.run([target], Settings(root=path.parent), selection.known(()), sources={target.shown: source})
    return time.perf_counter() - begun


async def piped(path: Path, text: str, times: Times) -> None:
    """The same edits, asked for over the protocol."""
    client = LanguageClient("benchmark", "1")
    client.feature(lsp.WINDOW_LOG_MESSAGE)(lambda _: None)
    await client.start_io(sys.executable, "-m", "alloclint", "server")
    wanted = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    asked = lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    client.feature(lsp.WORKSPACE_DIAGNOSTIC_REFRESH)(lambda *_: None)
    general = lsp.GeneralClientCapabilities(position_encodings=[lsp.PositionEncodingKind.Utf8])
    capabilities = lsp.ClientCapabilities(
        text_document=wanted, general=general, workspace=lsp.WorkspaceClientCapabilities(diagnostics=asked)
    )
    await client.initialize_async(
        lsp.InitializeParams(capabilities, initialization_options={"settleMs": 60_000})
    )
    client.initialized(lsp.InitializedParams())
    language = language_of(path.name)
    item = lsp.TextDocumentItem(path.as_uri(), language.name if language else "", 1, text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    await _pull(client, path)
    for number, (where, inserted) in enumerate(edits(text.encode())):
        begun = time.perf_counter()
        document = lsp.VersionedTextDocumentIdentifier(number + 2, path.as_uri())
        change = lsp.TextDocumentContentChangePartial(where, inserted)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        await _pull(client, path)
        times.piped.append(time.perf_counter() - begun)
    await client.shutdown_async(None)
    client.exit(None)
    stopping: Any = client.stop
    await stopping()


async def _pull(client: Any, path: Path) -> None:
    params = lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(path.as_uri()))
    await client.text_document_diagnostic_async(params)


def row(name: str, lines: int, times: Times) -> str:
    """A line of the table; milliseconds, median and 95th percentile."""
    cold = statistics.median(times.cold)
    cells = [f"{name[:28]:<28}", f"{lines:>6,}", f"{times.findings:>5}", f"{cold * 1e3:>6.0f}"]
    for some in (times.first, times.settled, times.piped):
        median, high = statistics.median(some), statistics.quantiles(some, n=20)[18]
        cells.append(f"{median * 1e3:>6.0f} {high * 1e3:>6.0f} {median / cold:>5.2f}")
    return " | ".join(cells)


def main(arguments: Sequence[str]) -> int:
    """Measure each text and print the table."""
    texts = [(Path(name).absolute(), Path(name).read_text()) for name in arguments]
    texts = texts or [(FIXTURES / "generated.rs", generated())]
    print("milliseconds: median, 95th percentile, ratio of the median to a check from scratch")
    head = (
        f"{'text':<28}",
        " lines",
        "found",
        "  cold",
        f"{'first answer':^20}",
        f"{'settled':^20}",
        "over pipes",
    )
    print(" | ".join(head))
    for path, text in texts:
        times = Times()
        in_process(path, text, times)
        asyncio.run(piped(path, text, times))
        print(row(path.name, text.count("\n"), times), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
