/* Opens a library as Python, Node or a JVM does. */
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words) {
    for (int i = 1; i < count; i++) {
        void *opened = dlopen(words[i], RTLD_NOW | RTLD_LOCAL);
        if (!opened) {
            printf("%s\n", dlerror());
            return 1;
        }
    }
    printf("opened %d\n", count - 1);
    return 0;
}
