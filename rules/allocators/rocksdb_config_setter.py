"""
A Kafka Streams config setter that makes memory without a bound.

Kafka Streams makes a `RocksDBConfigSetter` for each store and calls `setConfig` once for each of its
partitions. A cache that is made there bounds one store of one partition, and all of them together nothing.

Keep the caches in `static` fields: one `LRUCache` and one `WriteBufferManager` for all stores. Take the
table config that is already there: a new one has neither the Bloom filter nor the block cache that Kafka
Streams has set, and its memory is in no metric. Let a shared cache count index and filter blocks too: outside
of it they grow with the data. What is made for a store is closed in `close(storeName, options)`; nothing else
frees it.

Silent: caches in static fields or from a method, and objects where `close` does something. `info` for a cache
in a field that is not static.

```java
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

public class Memory implements RocksDBConfigSetter {
    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(new LRUCache(256 << 20));
        table.setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(table);
    }

    @Override
    public void close(String store, Options options) {}
}
```

```java
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

public class Memory implements RocksDBConfigSetter {
    private static final LRUCache CACHE = new LRUCache(256 << 20);
    private static final WriteBufferManager BUFFERS = new WriteBufferManager(64 << 20, CACHE);

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        options.setWriteBufferManager(BUFFERS);
        options.setTableFormatConfig(table);
    }

    @Override
    public void close(String store, Options options) {
        // The cache and the manager are those of all stores.
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.names.wording import shortened
from alloclint.facts.native.setter import Made, Setter, setter_of
from alloclint.facts.testcode import file_reason
from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion

CODE = "ALC621"
SEVERITY = Severity.warning
LANGUAGES = ("java",)
WORDS = {"java": ("setConfig",)}
FILES = {"java": ("RocksDBConfigSetter",)}


def check(function: Function) -> Iterator[Finding]:
    setter = setter_of(function)
    if setter is None or file_reason(function.file.path, function.file.source) is not None:
        return
    for made in setter.made():
        if made.noun == "BlockBasedTableConfig":
            yield _new_table(made, setter)
        elif made.is_cache:
            yield _own_cache(made)
        elif not setter.closes:
            yield _unclosed(made, setter)
    yield from (_cache_in_field(made) for made in setter.made_in_fields())
    yield from (_blocks_outside(made, setter) for made in setter.block_caches())


def _own_cache(made: Made) -> Finding:
    text, name = shortened(made.text), "BUFFERS" if made.noun == "WriteBufferManager" else "CACHE"
    line = f"private static final {made.noun} {name} = {text};"
    return Finding(
        made.place,
        f"each store of each partition gets a `{made.noun}` of its own: together they have no bound",
        evidence="`setConfig` runs once for each store and partition",
        suggestion=Suggestion(f"one for all stores: `{line}`"),
    )


def _cache_in_field(made: Made) -> Finding:
    return Finding(
        made.place,
        f"a `{made.noun}` in a field that is not static is made for each store: together they have no bound",
        evidence="Kafka Streams makes a config setter for each store and partition",
        suggestion=Suggestion("make the field `static`"),
        base=Severity.info,
    )


def _new_table(made: Made, setter: Setter) -> Finding:
    # The class as it is written, for it may not be imported; in parentheses where something is called on it.
    written = made.text.removeprefix("new").partition("(")[0].strip()
    text = f"({written}) {setter.options}.tableFormatConfig()"
    if setter.function.file.source[made.end :].lstrip().startswith(b"."):
        text = f"({text})"
    edit = Edit(made.start, made.end, text)
    return Finding(
        made.place,
        "a new table config loses the Bloom filter and the block cache that Kafka Streams has set",
        evidence=f"they are in `{setter.options}.tableFormatConfig()`; the memory of others is in no metric",
        suggestion=Suggestion(text, None, Applicability.unsafe, (edit,)),
    )


def _unclosed(made: Made, setter: Setter) -> Finding:
    close = f"@Override public void close(String storeName, Options {setter.options}) {{ … }}"
    return Finding(
        made.place,
        f"the `{made.noun}` made for each store is never closed",
        evidence="Kafka Streams closes only what it made itself; `close` does nothing here",
        suggestion=Suggestion(f"keep it in a field and close it in `{close}`, or make it `static`"),
    )


def _blocks_outside(made: Made, setter: Setter) -> Finding:
    return Finding(
        made.place,
        "index and filter blocks stay outside of this block cache, and grow with the data",
        evidence="they are not counted unless `setCacheIndexAndFilterBlocks(true)` is called",
        suggestion=Suggestion(f"`{made.text}.setCacheIndexAndFilterBlocks(true);`"),
    )
