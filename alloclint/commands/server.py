"""`alloclint server`: the language server."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from importlib.util import find_spec

from alloclint import terminal

SUMMARY = "Run the language server, for editors."
EXAMPLES = """\
  alloclint server                          on standard input and output, as editors start it
  alloclint server --tcp 127.0.0.1:2087     for an editor that connects

docs/editors.md shows how Neovim, Helix, VS Code and Emacs are told of it."""


def add(parser: ArgumentParser) -> None:
    """Declare how editors reach it."""
    parser.add_argument(
        "--tcp", type=_address, metavar="HOST:PORT", help="listen there for one editor instead of on stdin"
    )


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise ArgumentTypeError(f"{text} is not an address such as 127.0.0.1:2087")
    return host.strip("[]"), int(port)


def run(arguments: Namespace) -> int:
    """Serve one editor; 0 if it shut the server down before it left, else 1."""
    if missing := [name for name in ("pygls", "lsprotocol") if find_spec(name) is None]:
        terminal.tell(f"error: the server needs {' and '.join(missing)}: pip install 'alloclint[server]'")
        return 2
    from alloclint.server.app import serve

    return serve(arguments.tcp)
