/* SPDX-License-Identifier: Apache-2.0 */
/* Texts with stars in them. */
#include "base/glob.h"

#include "base/uri.h"

#include <stdlib.h>
#include <string.h>

/* Beside octets. */
enum { ANY_BUT_SLASH = 256, ANY = 257 };

bool glob_read(const char *text, size_t length, struct glob *glob)
{
    if (length > GLOB_MAX) {
        return false;
    }
    glob->places = calloc(length + 1, sizeof(*glob->places));
    glob->exhausted = glob->places == NULL;
    for (size_t i = 0; glob->places != NULL && i < length; i++) {
        struct buffer octet = BUFFER_INIT;
        uint16_t place = (unsigned char)text[i];
        if (text[i] == '*') {
            place = i + 1 < length && text[i + 1] == '*' ? ANY : ANY_BUT_SLASH;
            i += place == ANY;
        } else if (text[i] == '%') {
            bool good = i + 2 < length && uri_decode(&octet, text + i, 3);
            place = good ? (unsigned char)buffer_text(&octet)[0] : 0;
            glob->exhausted = octet.failed;
            buffer_release(&octet);
            if (!good) {
                return false;
            }
            i += 2;
        }
        glob->places[glob->count++] = place;
    }
    return glob->places != NULL;
}

static bool is_star(uint16_t place)
{
    return place == ANY || place == ANY_BUT_SLASH;
}

/* From a place on, all that can be reached without an octet. */
static void reach(const struct glob *glob, bool *at, size_t place)
{
    at[place] = true;
    while (place < glob->count && is_star(glob->places[place])) {
        at[++place] = true;
    }
}

/* Keeps the set of places where the glob may be, so that no text takes more than its length times the glob's. */
bool glob_matches(const struct glob *glob, const char *text)
{
    size_t size = glob->count + 1;
    bool at[GLOB_MAX + 1];
    bool next[GLOB_MAX + 1];
    memset(at, 0, size * sizeof(*at));
    reach(glob, at, 0);
    for (; *text != '\0'; text++) {
        memset(next, 0, size * sizeof(*next));
        for (size_t i = 0; i < glob->count; i++) {
            uint16_t place = glob->places[i];
            if (at[i] && (place == ANY || (place == ANY_BUT_SLASH && *text != '/'))) {
                reach(glob, next, i);
            } else if (at[i] && place == (unsigned char)*text) {
                reach(glob, next, i + 1);
            }
        }
        memcpy(at, next, size * sizeof(*at));
    }
    return at[glob->count];
}

void glob_release(struct glob *glob)
{
    free(glob->places);
}
