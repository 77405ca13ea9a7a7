"""
The classes of RocksDB's Java binding that hold native memory: since release 7 only `close()` frees it.

Checked against rocksdbjni 8.10: each is a `RocksObject`. `BlockBasedTableConfig` is none.
"""

from __future__ import annotations

PACKAGE = ("org", "rocksdb")
#: Made for an operation or a few: what is not closed adds up.
PASSING = frozenset(
    {
        "ReadOptions", "WriteOptions", "FlushOptions", "WriteBatch", "WriteBatchWithIndex", "Slice",
        "DirectSlice", "CompactRangeOptions", "IngestExternalFileOptions", "TransactionOptions",
        "CompactionOptions",
    }
)  # fmt: skip
#: Made when a database is opened, or to export and copy one.
LASTING = frozenset(
    {
        "Options", "DBOptions", "ColumnFamilyOptions", "EnvOptions", "BloomFilter", "LRUCache", "ClockCache",
        "Statistics", "RateLimiter", "WriteBufferManager", "SstFileManager", "SstFileWriter", "SstFileReader",
        "BackupEngineOptions", "RestoreOptions", "ComparatorOptions", "TransactionDBOptions",
        "CompactionOptionsUniversal", "CompactionOptionsFIFO", "CompressionOptions",
    }
)  # fmt: skip
OBJECTS = PASSING | LASTING
ITERATOR = "RocksIterator"
CHECKPOINT = "Checkpoint"
