"""The server as a process: how it is started, and with what it ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alloclint import cli
from alloclint.commands import server

ROOT = Path(__file__).parents[1]
INITIALIZE = {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None}}
INITIALIZED = {"method": "initialized", "params": {}}
SHUTDOWN = {"id": 2, "method": "shutdown"}
EXIT = {"method": "exit"}


def framed(messages: Sequence[dict[str, Any]]) -> bytes:
    """Messages as they go over a pipe."""
    bodies = [json.dumps({"jsonrpc": "2.0", **one}).encode() for one in messages]
    return b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)


def started(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "alloclint", "server", *arguments]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, **pipes)


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([INITIALIZE, INITIALIZED, SHUTDOWN, EXIT], 0),
        ([INITIALIZE, INITIALIZED, EXIT], 1),
        ([INITIALIZE, INITIALIZED], 1),
        ([], 1),
    ],
    ids=["shut down", "exit without a word", "the pipe ends", "nothing said"],
)
def test_the_exit_code_tells_whether_the_editor_said_goodbye(
    messages: Sequence[dict[str, Any]], code: int
) -> None:
    pytest.importorskip("pygls", reason="pip install 'alloclint[server]'")
    with started() as process:
        out, _ = process.communicate(framed(messages), timeout=60)
    assert process.returncode == code
    assert (b'"positionEncoding"' in out) is bool(messages)


def test_it_serves_at_an_address() -> None:
    pytest.importorskip("pygls", reason="pip install 'alloclint[server]'")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with started("--tcp", f"127.0.0.1:{port}") as process, connected(port) as connection:
        connection.sendall(framed([INITIALIZE]))
        assert b"Content-Length" in connection.recv(65_536)
        connection.sendall(framed([SHUTDOWN, EXIT]))
        assert process.wait(timeout=60) == 0


def connected(port: int) -> socket.socket:
    """A connection, once somebody listens."""
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_what_is_missing_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    assert cli.main(["server"]) == 2
    assert "needs pygls and lsprotocol: pip install 'alloclint[server]'" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["2087", "localhost:", "localhost:http", ":2087", "localhost:99999"])
def test_wrong_addresses_are_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["server", "--tcp", address])
    assert "is not an address such as 127.0.0.1:2087" in capsys.readouterr().err
