/* Reading a descriptor to its end. */
#include "read_all.h"

#include <mstr/secret.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
            char *larger = capacity < BODY_MAX ? malloc(capacity * 2) : NULL;
            if (larger == NULL) {
                errno = EFBIG;
                break;
            }
            memcpy(larger, content, capacity);
            mstr_wipe(content, capacity); /* it may hold a token */
            free(content);
            content = larger;
            capacity *= 2;
        }
    }
    if (content != NULL) {
        mstr_wipe(content, *length);
        free(content);
    }
    return NULL;
}
