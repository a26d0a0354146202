/* Reading a descriptor to its end. */
#include "read_all.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { BODY_MAX = 64 * 1024 * 1024 };

char *read_all(int descriptor, size_t *length)
{
    size_t capacity = 65536;
    char *content = malloc(capacity);
    *length = 0;
    while (content != NULL) {
        ssize_t got = read(descriptor, content + *length, capacity - *length);
        if (got == 0) {
            return content;
        }
        if (got < 0 && errno != EINTR) {
            break;
        }
        *length += got > 0 ? (size_t)got : 0;
        if (*length == capacity) {
            char *larger = capacity < BODY_MAX ? realloc(content, capacity * 2) : NULL;
            if (larger == NULL) {
                errno = EFBIG;
                break;
            }
            content = larger;
            capacity *= 2;
        }
    }
    free(content);
    return NULL;
}
