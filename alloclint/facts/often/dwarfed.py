"""
Dwarfed: what runs beside an allocation and takes so much longer that nobody would notice the difference.

A file that is read, a process or a request that is waited for, a pattern that is compiled, a line that is
logged. Names are enough here: they only ever make a finding an `info`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alloclint.facts.names.words import words_of
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.facts.walk.scopes import Event, Frame, LoopFact

#: Names of calls that wait for a file, a process, a thread or another machine.
_SLOW = {
    "spawn", "read_to_string", "read_dir", "canonicalize", "create_dir_all", "executeQuery", "executeUpdate",
    "waitFor", "join_all", "block_on", "mkdirs", "createDirectories", "listFiles", "readAllBytes",
    "readAllLines", "toRealPath", "getCanonicalPath", "getCanonicalFile", "getByName", "getAllByName",
    "getInetAddresses", "openConnection", "generateCertificate", "generateCertificates", "loadClass",
    "recv", "recvfrom", "sendall", "urlopen", "check_output", "check_call", "Popen", "getaddrinfo",
    "gethostbyname", "listStatus", "getFileStatus", "fsync", "deleteIfExists", "uploadFile", "system",
    "remove_file", "remove_dir_all", "read_link", "symlink_metadata", "connect", "executeCommand",
}  # fmt: skip
_SLOW_OWNERS = {
    "fs", "File", "Files", "Command", "thread", "TcpStream", "FSDirectory", "subprocess", "shutil", "socket",
    "requests", "FileUtils", "NetworkInterface", "DriverManager", "URLClassLoader", "CertificateFactory",
}  # fmt: skip
_SLOW_MADE = {
    "FileInputStream", "FileOutputStream", "FileReader", "FileWriter", "RandomAccessFile", "Thread", "Socket",
    "ServerSocket", "JarFile", "ZipFile", "URLClassLoader", "ProcessBuilder",
}  # fmt: skip
_REMOTE = re.compile(r"(?:upload|download)(?=[A-Z_]|$)\w*|\w+Blocking")
_SUBPROCESS = {"run", "call"}
_COMPILING = {("Pattern", "compile"), ("re", "compile"), ("Regex", "new")}
_LOGGED = {"info", "warn", "warning", "error"}
_LOGGER = re.compile(r"(?:^|_)(?i:log|logger|logging|tracing)$|[a-z](?:Log|Logger)$")
_AWAITING = re.compile(rb"\.await\b")


def dwarfed_in(loop: LoopFact, function: Function, *, compiling: bool = True) -> str | None:
    """
    What each turn of a loop waits for, in words; None where nothing is seen. `compiling` says whether
    patterns that are compiled count.
    """
    source = function.file.source
    if _AWAITING.search(source, loop.node.start, loop.node.end):
        return "beside what each turn waits for, it is nothing"
    events = function.trace.calls_between(loop.start, loop.end)
    return _named((one for one in events if _is_each_time(one, loop.frame)), "each turn", compiling)


def dwarfed_at(event: Event, function: Function) -> str | None:
    """What a call beside an event does each time as well, in words; None where nothing is seen."""
    frames = _around(event.frame)
    return _named((one for one in function.trace.calls if one.frame in frames), "the code beside it", True)


def is_slow(call: m.Call) -> bool:
    """Whether a call waits for a file, a process, a thread or another machine, going by its name."""
    if call.kind == "new":
        return call.last in _SLOW_MADE
    owner = _owner_of(call)
    if owner == "subprocess":
        return call.last in _SUBPROCESS | _SLOW
    return call.last in _SLOW or owner in _SLOW_OWNERS or _REMOTE.fullmatch(call.last) is not None


def _named(events: Iterable[Event], who: str, compiling: bool) -> str | None:
    for event in events:
        call = event.node
        if not isinstance(call, m.Call):
            continue
        if is_slow(call):
            return f"beside `{call.last}`, which {who} waits for, it is nothing"
        if compiling and _compiles(call):
            return f"beside the pattern that {who} compiles, it is nothing"
        if _logs(call):
            return f"beside the line that {who} logs, it is nothing"
    return None


def _is_each_time(event: Event, turn: Frame) -> bool:
    """Whether what waits is not in a handler; what is logged or compiled must be at no condition either."""
    kinds = {frame.kind for frame in event.frame.within(turn)}
    node = event.node
    is_waiting = isinstance(node, m.Call) and is_slow(node)
    return not kinds & ({"handler"} if is_waiting else {"handler", "arm", "test"})


def _around(frame: Frame) -> list[Frame]:
    """The frames in which code runs whenever it runs in this one: out to the loop, or the whole function."""
    found: list[Frame] = []
    for one in _outwards(frame):
        found.append(one)
        if one.kind == "loop":
            break
    return found


def _outwards(frame: Frame | None) -> Iterator[Frame]:
    while frame is not None:
        yield frame
        frame = frame.up


def _owner_of(call: m.Call) -> str:
    return call.name[-2] if len(call.name) > 1 else getattr(call.receiver, "id", "")


def _compiles(call: m.Call) -> bool:
    return (_owner_of(call), call.last) in _COMPILING


def _logs(call: m.Call) -> bool:
    if call.last not in _LOGGED:
        return False
    if call.kind == "macro":
        return True
    receiver = call.receiver
    name = receiver.name if isinstance(receiver, m.Field) else _owner_of(call)
    return bool(words_of(name)) and _LOGGER.search(name) is not None
