/* SPDX-License-Identifier: Apache-2.0 */
/* Base URLs and paths, one a line: whatever a path is, its request goes to the base's origin, and below its path, and
 * no server can read it as another one. */
#include "base/uri.h"
#include "config/base_url.h"
#include "session/parts/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *base, const char *path, const char *url)
{
    struct uri own;
    struct uri other;
    bool absolute = strncmp(path, "http://", 7) == 0 || strncmp(path, "https://", 8) == 0;
    if (!uri_parse(base, &own) || !uri_parse(url, &other) || !uri_same_origin(&own, &other) || other.user != NULL ||
        (!absolute && strncmp(url, base, strlen(base)) != 0)) {
        abort();
    }
    const char *end = strstr(url, "://") + 3;
    for (end += strcspn(end, "/?"); *end != '\0' && *end != '?'; end++) { /* what a server may read as another path */
        if (*end == ';' || *end == '\\' || strncmp(end, "//", 2) == 0 || strncmp(end, "/../", 4) == 0 ||
            strncmp(end, "/./", 3) == 0 || strncmp(end, "%25", 3) == 0) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mstr_header query = {"a b", "c&d"};
    struct buffer base = BUFFER_INIT;
    struct buffer url = BUFFER_INIT;
    char *text = malloc(size + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, data, size);
    text[size] = '\0';
    char *path = strchr(text, '\n');
    if (path != NULL) {
        *path++ = '\0';
        if (base_url_read(text, false, &base, NULL) == MSTR_OK &&
            url_join(buffer_text(&base), path, &query, 1, &url, NULL) == MSTR_OK) {
            check(buffer_text(&base), path, buffer_text(&url));
        }
    }
    buffer_release(&base);
    buffer_release(&url);
    free(text);
    return 0;
}
