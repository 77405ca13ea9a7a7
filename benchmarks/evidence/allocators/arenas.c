/* Sixteen threads allocate at once; prints how many arenas glibc made. */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static pthread_barrier_t together;
static void *work(void *ignored) {
    void *kept = malloc(1000);
    pthread_barrier_wait(&together);
    pthread_barrier_wait(&together);
    free(kept);
    return ignored;
}
int main(void) {
    pthread_t threads[16];
    pthread_barrier_init(&together, NULL, 17);
    for (int i = 0; i < 16; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    pthread_barrier_wait(&together);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    malloc_info(0, out);
    fclose(out);
    int count = 0;
    for (char *at = text; (at = strstr(at, "<heap nr")); at++)
        count++;
    printf("%d arenas\n", count);
    pthread_barrier_wait(&together);
    for (int i = 0; i < 16; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
