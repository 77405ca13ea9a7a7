"""How jemalloc, glibc and HotSpot read their settings: from a string to what is wrong with it."""
