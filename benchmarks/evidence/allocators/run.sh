#!/usr/bin/env bash
# Runs what the checks ALC601–629 say of allocators, and prints what really happens; RESULTS.md has it in brief.
#
#     ./run.sh [section …]        all of them, or some; WORK is a folder for builds, LIBS one with lib*.so
#
# Needs Debian with gcc, cargo, java, python3 and apt; JAVA_NEW may name a newer JVM. Nothing is installed:
# packages are downloaded and unpacked into $WORK.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
WORK=${WORK:-$(mktemp -d)}
ROOT=$WORK/root
LIBS=${LIBS:-$ROOT/usr/lib/x86_64-linux-gnu}
LDSO=/lib64/ld-linux-x86-64.so.2
PYTHON=${PYTHON:-python3}
mkdir -p "$WORK/bin"

packages() {
    [ -d "$ROOT" ] && return
    mkdir -p "$WORK/deb" "$ROOT"
    (cd "$WORK/deb" && apt-get download -qq libjemalloc2 libmimalloc2.0 musl musl-dev libtcmalloc-minimal4)
    for deb in "$WORK"/deb/*.deb; do dpkg -x "$deb" "$ROOT"; done
}
say() { printf '\n== %s\n' "$*"; }
build() { # folder, then flags of cargo build; one folder for all builds, so that each crate is built once
    (cd "$HERE/$1" && shift && CARGO_TARGET_DIR=$WORK/target cargo build -q "$@" 2>&1 | grep -E '^error' | head -2)
}
built() { cp "$WORK/target/debug/$1" "$WORK/bin/$2"; }
tunables() { env "$@" $LDSO --list-tunables | grep -E 'malloc.(arena_max|trim_threshold|top_pad)' | sed 's/ (.*//' | paste -sd' '; }

prefix() {
    say "601: a crate's jemalloc reads _RJEM_MALLOC_CONF, unprefixed MALLOC_CONF"
    build prefixed && built prefixed prefixed
    build prefixed --features unprefixed && built prefixed unprefixed
    build prefixed --features bytes && built prefixed bytes
    build prefixed --features bytes,unprefixed && built prefixed bytes_unprefixed
    for program in prefixed unprefixed; do
        for variable in MALLOC_CONF _RJEM_MALLOC_CONF; do
            echo "$program $variable=bogus:1: $(env $variable=bogus:1 "$WORK/bin/$program" 2>&1 | paste -sd' ')"
        done
    done
    for program in bytes bytes_unprefixed; do echo "$program: $("$WORK/bin/$program" 2>&1 | paste -sd' ')"; done
}
conf() {
    say "602: strings, against Debian's 5.3.0 and a crate's 5.3.1"
    $PYTHON "$HERE/jemalloc_strings.py" "$LIBS/libjemalloc.so.2"
    $PYTHON "$HERE/jemalloc_strings.py" --program "$WORK/bin/prefixed" | tail -1
    MALLOC_CONF=abort_conf:true,bogus:1 LD_PRELOAD=$LIBS/libjemalloc.so.2 /bin/true; echo "abort_conf: exit $?"
}
glibc() {
    say "603: names, units, quotes, tunables ($($LDSO --version | head -1))"
    gcc -O0 -o "$WORK/bin/arenas" "$HERE/arenas.c" -pthread
    for setting in X=1 MALLOC_ARENA_MAX=2 MALLOC_ARENAS_MAX=2 MALLOC_MAX_ARENA=2 MALLOC_ARENA_MAX_=2 \
        'MALLOC_ARENA_MAX="2"' MALLOC_ARENA_MAX=0 GLIBC_TUNABLES=glibc.malloc.arena_max=2 \
        GLIBC_TUNABLES=malloc.arena_max=2 'GLIBC_TUNABLES="glibc.malloc.arena_max=2"' \
        GLIBC_TUNABLES=glibc.malloc.trim_threshold=5,glibc.malloc.arena_max=2; do
        echo "$setting: $(env "$setting" "$WORK/bin/arenas")"
    done
    for setting in MALLOC_TRIM_THRESHOLD=131072 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=128k \
        MALLOC_TOP_PAD=65536 MALLOC_TOP_PAD_=64MB GLIBC_TUNABLES=glibc.malloc.arena_max=2,glibc.malloc.top_pad=5; do
        echo "$setting: $(tunables "$setting")"
    done
}
musl() {
    say "604: musl has no such variables; jemalloc does not read glibc's"
    local inside=$ROOT/usr/lib/x86_64-linux-musl include=$ROOT/usr/include/x86_64-linux-musl
    [ -d "$inside" ] || inside=$ROOT/lib/x86_64-linux-musl
    gcc -nostdinc -isystem "$include" -c -o "$WORK/musl.o" "$HERE/musl.c"
    gcc -nostdlib -o "$WORK/bin/musl" -Wl,-dynamic-linker,"$ROOT/lib/ld-musl-x86_64.so.1" \
        "$inside/crt1.o" "$inside/crti.o" "$WORK/musl.o" -L"$inside" -lc "$inside/crtn.o"
    local libc
    libc=$(find "$ROOT" -name libc.so -path '*musl*' | head -1)
    echo "names in musl's libc with MALLOC_: $(strings "$libc" | grep -c MALLOC_); in glibc's ld.so: $(strings $LDSO | grep -c MALLOC_)"
    echo "musl: $(MALLOC_ARENA_MAX=1 "$libc" "$WORK/bin/musl"), exit $?"
    LD_PRELOAD=/nowhere/libjemalloc.so.2 "$libc" "$WORK/bin/musl"; echo "musl, missing preload: exit $?"
    echo "arenas of glibc under jemalloc: $(MALLOC_CONF=stats_print:true MALLOC_ARENA_MAX=2 LD_PRELOAD=$LIBS/libjemalloc.so.2 /bin/true 2>&1 | grep opt.narenas:)"
}
preload() {
    say "605: a preload that cannot be loaded"
    LD_PRELOAD=/nowhere/libjemalloc.so.2 /bin/true; echo "missing: exit $?"
    LD_PRELOAD='"/nowhere/libjemalloc.so.2"' /bin/true; echo "quoted: exit $?"
    for deb in "$WORK"/deb/lib*.deb; do echo "$(basename "$deb"): $(dpkg -c "$deb" | grep -oE '/usr/lib/[^ ]*\.so[^ ]*' | paste -sd' ')"; done
}
globals() {
    say "606, 617: two allocators"
    build two_globals --all-features
    (cd "$HERE/library" && CARGO_TARGET_DIR=$WORK/target cargo build -q 2>&1 | grep -E '^error' | head -1)
}
covered() {
    say "607: memory of C is not seen by a prefixed jemalloc"
    build native && "$WORK/target/debug/native"
    build native --features unprefixed && "$WORK/target/debug/native"
}
unused() {
    say "608: linked, not registered"
    build unregistered && echo "without a static: $(nm "$WORK/target/debug/unregistered" | grep -c ' T mi_malloc$') of mi_malloc in the program"
    build unregistered --features register && echo "with one: $(nm "$WORK/target/debug/unregistered" | grep -c ' mi_malloc') of mi_malloc…"
}
drift() {
    say "609: a static whose dependency is not there"
    (cd "$HERE/drift" && export CARGO_TARGET_DIR=$WORK/target
        cargo check -q --bin drift --no-default-features 2>&1 | grep -E '^error' | head -1
        cargo check -q --bin other 2>&1 | grep -E '^error' | head -1)
}
jvm() {
    say "610, 611, 612: what the JVM reads"
    javac -d "$WORK" "$HERE/Heap.java"
    for java in java ${JAVA_NEW:-}; do
        $java -version 2>&1 | head -1
        for variable in JAVA_OPTS JVM_OPTS JAVA_ARGS JAVA_OPTIONS JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; do
            echo "$variable=-Xmx64m: $(env $variable=-Xmx64m $java -cp "$WORK" Heap 2>/dev/null)"
        done
        for flags in -XX:MaxRAM=8g "-XX:MaxRAM=8g -XX:MaxRAMPercentage=0.8" "-XX:MaxRAM=8g -XX:MaxRAMPercentage=80" \
            -XX:MaxRAMPercentage=75% "-XX:MaxRAM=8g -XX:MaxRAMFraction=1" "-XX:MaxRAM=8g -XX:MinRAMPercentage=50" \
            "-Xmx64m -XX:MaxRAMPercentage=80" "-XX:MaxRAMPercentage=80 -Xmx64m" -XX:+UseCGroupMemoryLimitForHeap; do
            # shellcheck disable=SC2086
            echo "$flags: $($java $flags -cp "$WORK" Heap 2>&1 | grep -vE 'fatal|Could not create' | paste -sd' ')"
        done
        echo "a full heap: $($java -Xmx256m -Xms256m -cp "$WORK" Heap fill)"
        echo "JAVA_TOOL_OPTIONS 32, command line 64: $(JAVA_TOOL_OPTIONS=-Xmx32m $java -Xmx64m -cp "$WORK" Heap 2>/dev/null)"
        echo "JAVA_TOOL_OPTIONS 96, JDK_JAVA_OPTIONS 32: $(JAVA_TOOL_OPTIONS=-Xmx96m JDK_JAVA_OPTIONS=-Xmx32m $java -cp "$WORK" Heap 2>/dev/null)"
        echo "command line 64, _JAVA_OPTIONS 96: $(_JAVA_OPTIONS=-Xmx96m $java -Xmx64m -cp "$WORK" Heap 2>/dev/null)"
    done
}
cdylib() {
    say "614: static TLS in a library that is opened"
    gcc -o "$WORK/bin/opener" "$HERE/opener.c"
    gcc -shared -fPIC -DTAKEN=1600 -o "$WORK/bin/libtls.so" "$HERE/tls.c"
    for feature in jemalloc jemalloc_dynamic mimalloc mimalloc_dynamic; do
        build cdylib --features $feature
        cp "$WORK/target/debug/libplugin.so" "$WORK/bin/$feature.so"
        echo "$feature: $(readelf -d "$WORK/bin/$feature.so" | grep -q STATIC_TLS && echo STATIC_TLS,) TLS of $(readelf -lW "$WORK/bin/$feature.so" | awk '$1 == "TLS" { print $6 }') bytes; alone: $("$WORK/bin/opener" "$WORK/bin/$feature.so"); after one that took 1600 bytes: $("$WORK/bin/opener" "$WORK/bin/libtls.so" "$WORK/bin/$feature.so")"
    done
}
debugging() {
    say "615: what debugging aids cost"
    for setting in X=1 PYTHONMALLOC=malloc PYTHONMALLOC=debug PYTHONDEVMODE=1 PYTHONTRACEMALLOC=1 PYTHONTRACEMALLOC=25 MALLOC_PERTURB_=1; do
        echo "$setting: $(env "$setting" "$PYTHON" "$HERE/python_cost.py")"
    done
    PYTHONMALLOC=bogus "$PYTHON" -c 1 2>&1 | head -1
}
pages() {
    say "616: the page size is compiled in"
    local source
    for source in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/tikv-jemalloc-sys-0.[67].1*; do
        echo "$(basename "$source" | cut -c1-23): $(grep -A3 '^  aarch64-unknown-linux' "$source/configure/configure" | grep -o 'LG_PAGE=[0-9]*' || echo 'aarch64 is not set: that of the builder')"
    done
    (cd "$HERE/prefixed" && CARGO_TARGET_DIR=$WORK/paged JEMALLOC_SYS_WITH_LG_PAGE=11 cargo build -q 2>&1 | grep error | head -1
        "$WORK/paged/debug/prefixed"; echo "pages of 2 KiB on a kernel with 4: exit $?")
}
lost() {
    say "618, 619: set where it is lost, or too late"
    # Docker runs every RUN in a shell of its own, as here.
    sh -c 'export MALLOC_ARENA_MAX=2'; sh -c 'echo "in the next shell: ${MALLOC_ARENA_MAX-unset}"'
    echo "arenas with os.environ: $("$PYTHON" "$HERE/environ_too_late.py" late | grep -c '<heap nr')," \
        "with the variable at the start: $(MALLOC_ARENA_MAX=1 "$PYTHON" "$HERE/environ_too_late.py" | grep -c '<heap nr')"
}
both() {
    say "623: a preload under a program with its own allocator"
    build prefixed && built prefixed prefixed
    echo "with one: $(MALLOC_CONF=stats_print:true LD_PRELOAD=$LIBS/libjemalloc.so.2 "$WORK/bin/prefixed" 2>&1 | grep -E '^Allocated' | paste -sd' ')"
    build unregistered && cp "$WORK/target/debug/unregistered" "$WORK/bin/plain"
    echo "without one: $(MALLOC_CONF=stats_print:true LD_PRELOAD=$LIBS/libjemalloc.so.2 "$WORK/bin/plain" 2>&1 | grep -E '^Allocated' | paste -sd' ')"
}
resolve() { # a dependency line: what cargo locks, or says
    local folder=$WORK/resolve
    rm -rf "$folder"; mkdir -p "$folder/src"; echo 'fn main() {}' > "$folder/src/main.rs"
    printf '[package]\nname = "r"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n%b\n' "$1" > "$folder/Cargo.toml"
    local said
    said=$(cd "$folder" && cargo generate-lockfile 2>&1 | grep -vE 'Updating|Locking|Adding' | head -"${2:-4}" | paste -sd' ')
    echo "$1: ${said:-locked $(grep -A1 -E '"(mimalloc|snmalloc-rs|tikv-jemalloc-sys|jemalloc-sys)"' "$folder/Cargo.lock" | grep -oE '"[^"]+"' | tr -d '"' | paste -sd' ')}"
}
resolving() {
    say "624, 625: what cargo makes of features"
    resolve 'mimalloc = { version = "0.1", features = ["v3"] }'
    resolve 'mimalloc = { version = "0.1.49", features = ["v3"] }'
    resolve 'mimalloc = { version = "0.1.43", features = ["v2"] }'
    resolve 'mimalloc = { version = "=0.1.48", features = ["v2"] }'
    resolve 'snmalloc-rs = { version = "0.3", features = ["io_uring"], optional = true }'
    resolve 'jemallocator = "0.5"\ntikv-jemallocator = "0.7"' 12
    resolve 'tikv-jemallocator = "0.6"\nlibrocksdb-sys = { version = "0.19", default-features = false, features = ["jemalloc"] }' 12
}
arenas() {
    say "626: arenas by processors"
    for cpus in 0 0,1; do echo "taskset $cpus of $(nproc): $(MALLOC_CONF=stats_print:true LD_PRELOAD=$LIBS/libjemalloc.so.2 taskset -c $cpus /bin/true 2>&1 | grep opt.narenas:)"; done
}

packages
if [ $# = 0 ]; then
    set -- glibc musl preload lost debugging jvm resolving prefix conf arenas globals unused drift both covered cdylib pages
fi
for section in "$@"; do "$section"; done
