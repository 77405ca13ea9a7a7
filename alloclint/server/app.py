"""The messages of the protocol, each handed to the session."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from alloclint import __version__
from alloclint.server import actions, options, watching
from alloclint.server.protocol import Protocol
from alloclint.server.session import Capabilities, Session, digest
from alloclint.settings import SettingsError

#: An editor that says it can be asked for its settings, and does not answer, must not hold up the rest.
_ANSWER_SECONDS = 5.0


class Editor:
    """What a session tells its editor, in messages of the protocol."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server

    def publish(self, uri: str, version: int | None, found: list[lsp.Diagnostic]) -> None:
        params = lsp.PublishDiagnosticsParams(uri, found, version)
        self._server.text_document_publish_diagnostics(params)

    def refresh(self) -> None:
        self._server.workspace_diagnostic_refresh(None)

    def log(self, message: str) -> None:
        self._server.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, message))

    def complain(self, message: str) -> None:
        self._server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, message))


def create() -> tuple[LanguageServer, Session]:
    """A server that is ready to be started, and its session."""
    server = LanguageServer(
        "alloclint",
        __version__,
        text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
        protocol_cls=Protocol,
    )
    session = Session(Editor(server))
    _life(server, session)
    _texts(server, session)
    _answers(server, session)
    _workspace(server, session)
    return server, session


def _path(uri: str) -> Path | None:
    """The file behind a URI; None for a text that is in no file."""
    name = to_fs_path(uri)
    return Path(name).absolute() if name else None


def _life(server: LanguageServer, session: Session) -> None:
    given: list[object] = []

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        given.append(params.initialization_options)
        session.capabilities = _capabilities(server, params.capabilities)
        try:
            session.options = options.read(params.initialization_options)
        except SettingsError as error:
            session.client.log(f"alloclint: {error}")
        session.enter(_roots(params))

    @server.feature(lsp.INITIALIZED)
    async def initialized(_: lsp.InitializedParams) -> None:
        session.start()
        await _register(server)
        await _ask_settings(server, session, given[0])

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: lsp.DidChangeConfigurationParams) -> None:
        if not await _ask_settings(server, session, given[0]):
            _configure(session, [given[0], params.settings])

    @server.feature(lsp.SHUTDOWN)
    def shutdown(_: None) -> None:
        session.stop()


def _texts(server: LanguageServer, session: Session) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        session.open(item.uri, item.language_id, item.version, item.text, _path(item.uri))

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        session.change(params.text_document.uri, params.text_document.version, params.content_changes)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        path = _path(params.text_document.uri)
        if path is not None:
            await session.files_changed([path])

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        session.close(params.text_document.uri)


def _answers(server: LanguageServer, session: Session) -> None:
    # What other files say matters, but whole workspaces are for the command line: a run of `alloclint check`
    # does that faster, and in as many processes as there are processors.
    provided = lsp.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False, identifier="alloclint"
    )

    @server.feature(lsp.TEXT_DOCUMENT_DIAGNOSTIC, provided)
    async def diagnostic(params: lsp.DocumentDiagnosticParams) -> lsp.DocumentDiagnosticReport:
        found = await session.pull(params.text_document.uri)
        name = digest(found)
        if name == params.previous_result_id:
            return lsp.RelatedUnchangedDocumentDiagnosticReport(name)
        return lsp.RelatedFullDocumentDiagnosticReport(found, result_id=name)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(list(actions.KINDS)))
    async def code_action(params: lsp.CodeActionParams) -> Sequence[lsp.CodeAction]:
        return await session.actions(params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return await session.hover(params.text_document.uri, params.position)


def _workspace(server: LanguageServer, session: Session) -> None:
    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        await session.files_changed([path for one in params.changes if (path := _path(one.uri)) is not None])

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        session.change_roots(_folders(params.event.added), _folders(params.event.removed))


def _folders(given: Sequence[lsp.WorkspaceFolder]) -> list[Path]:
    return [path for one in given if (path := _path(one.uri)) is not None]


def _roots(params: lsp.InitializeParams) -> list[Path]:
    if params.workspace_folders:
        return _folders(params.workspace_folders)
    if params.root_uri:
        path = _path(params.root_uri)
        return [path] if path is not None else []
    return [Path(params.root_path).absolute()] if params.root_path else []


def _capabilities(server: LanguageServer, client: lsp.ClientCapabilities) -> Capabilities:
    texts, workspace = client.text_document, client.workspace
    edits = workspace.workspace_edit if workspace is not None else None
    refresh = workspace.diagnostics if workspace is not None else None
    encoding: Any = server.workspace.position_encoding
    return Capabilities(
        encoding=getattr(encoding, "value", encoding),
        pulls=texts is not None and texts.diagnostic is not None,
        refreshes=refresh is not None and bool(refresh.refresh_support),
        edits=actions.Abilities(
            versions=edits is not None and bool(edits.document_changes),
            snippets=edits is not None and bool(edits.snippet_edit_support),
        ),
    )


async def _register(server: LanguageServer) -> None:
    """Ask an editor that can for word of files and settings that change."""
    workspace = server.client_capabilities.workspace
    wanted: list[lsp.Registration] = []
    files = workspace.did_change_watched_files if workspace is not None else None
    if files is not None and files.dynamic_registration:
        wanted += watching.registrations()
    settings = workspace.did_change_configuration if workspace is not None else None
    if settings is not None and settings.dynamic_registration:
        wanted.append(lsp.Registration("alloclint-settings", lsp.WORKSPACE_DID_CHANGE_CONFIGURATION))
    if wanted:
        await _answered(server.client_register_capability_async(lsp.RegistrationParams(wanted)))


async def _ask_settings(server: LanguageServer, session: Session, given: object) -> bool:
    """Take the settings that the editor has for us; whether it can be asked for them."""
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    params = lsp.ConfigurationParams([lsp.ConfigurationItem(section="alloclint")])
    answer = await _answered(server.workspace_configuration_async(params))
    if answer:
        _configure(session, [given, answer[0]])
    return True


async def _answered(request: Any) -> Any:
    try:
        return await asyncio.wait_for(request, _ANSWER_SECONDS)
    except Exception:
        # Without an answer, or with an error for one, everything works as if nothing had been asked.
        return None


def _configure(session: Session, given: Sequence[object]) -> None:
    try:
        session.configure(options.merged([options.read(one) for one in given]))
    except SettingsError as error:
        session.client.complain(f"alloclint: {error}")


def serve(address: tuple[str, int] | None = None) -> int:
    """Serve one editor, on standard input and output or at an address; returns the exit code."""
    server, session = create()
    try:
        if address is None:
            server.start_io()
        else:
            server.start_tcp(*address)
    finally:
        session.stop()
    protocol = server.protocol
    return 0 if isinstance(protocol, Protocol) and protocol.was_shut_down else 1
