/* SPDX-License-Identifier: Apache-2.0 */
/* Copies that are wiped together. */
#include "queue/copies.h"

#include <mstr/secret.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct copy {
    struct copy *next;
    size_t length;
    max_align_t octets[];
};

void *copies_octets(struct copies *copies, const void *octets, size_t length)
{
    if (octets == NULL) {
        return NULL;
    }
    struct copy *copy = length < SIZE_MAX - sizeof(*copy) ? malloc(sizeof(*copy) + length) : NULL;
    if (copy == NULL) {
        copies->failed = true;
        return NULL;
    }
    copy->next = copies->first;
    copy->length = length;
    memcpy(copy->octets, octets, length);
    copies->first = copy;
    return copy->octets;
}

const char *copies_text(struct copies *copies, const char *text)
{
    return text != NULL ? copies_octets(copies, text, strlen(text) + 1) : NULL;
}

const char *const *copies_texts(struct copies *copies, const char *const *texts, size_t count)
{
    const char **copied = copies_octets(copies, texts, count * sizeof(*texts));
    for (size_t i = 0; copied != NULL && i < count; i++) {
        copied[i] = copies_text(copies, texts[i]);
    }
    return copied;
}

struct mstr_header *copies_pairs(struct copies *copies, const struct mstr_header *pairs, size_t count)
{
    struct mstr_header *copied = copies_octets(copies, pairs, count * sizeof(*pairs));
    for (size_t i = 0; copied != NULL && i < count; i++) {
        copied[i].name = copies_text(copies, pairs[i].name);
        copied[i].value = copies_text(copies, pairs[i].value);
    }
    return copied;
}

void copies_members(struct copies *copies, void *structure, const size_t *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char **member = (const char **)(void *)((char *)structure + offsets[i]);
        *member = copies_text(copies, *member);
    }
}

void copies_release(struct copies *copies)
{
    while (copies->first != NULL) {
        struct copy *copy = copies->first;
        copies->first = copy->next;
        mstr_wipe(copy->octets, copy->length);
        free(copy);
    }
}
