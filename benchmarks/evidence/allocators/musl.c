#include <stdio.h>
#include <stdlib.h>
int main(void) {
    printf("allocates %d\n", malloc(1000) != NULL);
    return 0;
}
