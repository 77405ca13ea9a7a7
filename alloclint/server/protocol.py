"""What differs from the way in which pygls speaks the protocol."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lsprotocol import types as lsp
from pygls.protocol import LanguageServerProtocol, lsp_method

_PREFERRED = lsp.PositionEncodingKind.Utf8


class Protocol(LanguageServerProtocol):
    """Counts in bytes where the editor can, and keeps no text besides ours."""

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(self, params: lsp.InitializeParams) -> Generator[Any, Any, lsp.InitializeResult]:
        """Prefer UTF-8, whose positions are those of the parser."""
        general = params.capabilities.general
        encodings = general.position_encodings if general is not None else None
        if general is not None and encodings and _PREFERRED in encodings:
            general.position_encodings = [_PREFERRED]
        return (yield from super().lsp_initialize(params))

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: lsp.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Leave the text to the session: a second copy would cost as much again with each key."""
        handler = self.fm.features.get(lsp.TEXT_DOCUMENT_DID_CHANGE)
        if handler is not None:
            yield handler, (params,), None

    @property
    def was_shut_down(self) -> bool:
        """Whether the editor asked to shut down, as it must before it says exit."""
        return bool(self._shutdown)
