"""Sets MALLOC_ARENA_MAX after the start; counts the arenas of eight threads."""

import ctypes
import os
import sys
import threading

if "late" in sys.argv:
    os.environ["MALLOC_ARENA_MAX"] = "1"
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(9)


def work() -> None:
    """Allocate, then wait until all have."""
    libc.malloc(1000)
    together.wait()
    together.wait()


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
together.wait()
libc.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fopen(b"/dev/fd/1", b"w"))
libc.malloc_info(0, out)
libc.fclose(out)
together.wait()
