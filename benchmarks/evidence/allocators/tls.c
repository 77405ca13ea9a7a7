/* A library that takes static TLS, as several in one process do. */
static __thread char taken[TAKEN] __attribute__((tls_model("initial-exec")));
char *touch(void) { return taken; }
