"""
An object of RocksDB that nobody closes keeps its native memory.

RocksDB's Java objects are handles of native ones. Since release 7 they have no finalizer: the garbage
collector takes the handle, and the native object stays. The heap looks well, the resident memory grows with
each call, and no heap dump shows why.

What is made for an operation belongs into try-with-resources. Options that never change can be made once, in
a field beside the database, used by all calls and closed with it. A `static` field of that kind fails where
its class is loaded before RocksDB's library: options do not load it.

Silent: what is returned, kept in a field or a collection, captured, handed to a constructor, to a setter of
other options or to a method that is not RocksDB's own, and all of that in tests. `info` for options of a
whole database, which are made when it is opened, and where only an early `return` misses the `close()`.

```java
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class Store {
    private final RocksDB db;

    Store(RocksDB db) {
        this.db = db;
    }

    byte[] read(byte[] key) throws RocksDBException {
        return db.get(new ReadOptions().setFillCache(false), key);
    }
}
```

```java
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class Store {
    private final ReadOptions reads = new ReadOptions().setFillCache(false);
    private final RocksDB db;

    Store(RocksDB db) {
        this.db = db;
    }

    byte[] read(byte[] key) throws RocksDBException {
        return db.get(reads, key);
    }

    void close() {
        db.close();
        reads.close();
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.names.wording import shortened
from alloclint.facts.native.closing import Leak, leak_of
from alloclint.facts.native.rocks import Native, made_by
from alloclint.facts.testcode import file_reason
from alloclint.finding import Finding, Severity, Suggestion
from alloclint.languages.rocksdb import LASTING, OBJECTS

CODE = "ALC620"
SEVERITY = Severity.warning
LANGUAGES = ("java",)
WORDS = {"java": (*sorted(OBJECTS), "newIterator", "create")}
FILES = {"java": ("org.rocksdb",)}


def check(call: Call) -> Iterator[Finding]:
    native = made_by(call)
    leak = leak_of(native, call) if native is not None else None
    if native is None or leak is None or file_reason(call.file.path, call.file.source) is not None:
        return
    heat = call.file.facts.heat(call)
    is_rare = native.noun in LASTING or leak.leaves is not None
    yield Finding(
        call.file.place(*call.span),
        _message(native, leak, call),
        evidence="only `close()` frees its native memory; since RocksDB 7 there is no finalizer",
        suggestion=_suggestion(native, leak, call),
        because=()
        if leak.leaves is None
        else (call.file.place(*leak.leaves.node.span, "it is left open here"),),
        cold=heat.cold,
        base=Severity.info if is_rare else None,
    )


def _message(native: Native, leak: Leak, call: Call) -> str:
    if leak.within is not None:
        return f"the `{native.noun}` made for `{leak.within.last}` is never closed: nobody holds it any more"
    name = leak.local.name if leak.local is not None else native.noun
    if leak.leaves is not None:
        line = call.file.position(leak.leaves.node.start).line
        return f"`{name}` is not closed where the function returns at line {line}"
    return f"the `{native.noun}` in `{name}` is never closed"


def _suggestion(native: Native, leak: Leak, call: Call) -> Suggestion:
    made = shortened(call.text(native.whole))
    local = leak.local.name if leak.local is not None else native.noun[0].lower() + native.noun[1:]
    held = f"try ({native.noun} {local} = {made}) {{ … }}"
    if leak.within is not None and not call.args and native.noun.endswith("Options"):
        field = f"private final {native.noun} {local} = {made};"
        return Suggestion(f"`{held}`, or one for all calls, closed with the database: `{field}`")
    return Suggestion(f"`{held}`")
