/* SPDX-License-Identifier: Apache-2.0 */
/* Octets that grow. */
#include "octets.h"

#include <mstr/secret.h>

#include <stdlib.h>
#include <string.h>

static bool grow(struct octets *octets, size_t wanted)
{
    size_t capacity = octets->capacity * 2 > wanted ? octets->capacity * 2 : wanted + 64;
    char *larger = malloc(capacity);
    if (larger == NULL) {
        octets->failed = true;
        return false;
    }
    if (octets->data != NULL) {
        memcpy(larger, octets->data, octets->length);
        mstr_wipe(octets->data, octets->length);
        free(octets->data);
    }
    octets->data = larger;
    octets->capacity = capacity;
    return true;
}

bool octets_append(struct octets *octets, const void *data, size_t length)
{
    bool room = octets->length + length < octets->capacity;
    if (octets->failed || (!room && !grow(octets, octets->length + length + 1))) {
        return false;
    }
    memcpy(octets->data + octets->length, data, length);
    octets->length += length;
    octets->data[octets->length] = '\0';
    return true;
}

bool octets_puts(struct octets *octets, const char *text)
{
    return octets_append(octets, text, strlen(text));
}

void octets_drop(struct octets *octets, size_t length)
{
    if (length > 0) {
        octets->length -= length;
        memmove(octets->data, octets->data + length, octets->length);
        mstr_wipe(octets->data + octets->length, length);
    }
}

void octets_release(struct octets *octets)
{
    if (octets->data != NULL) {
        mstr_wipe(octets->data, octets->length);
        free(octets->data);
    }
    *octets = (struct octets){0};
}
