/* SPDX-License-Identifier: Apache-2.0 */
/* The one form of a reference's body. */
#include "reference/canonical.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND:NAME */
enum { ARN_REGION = 3, ARN_ACCOUNT = 4, ARN_NAME = 6, ARN_PARTS = 7, ARN_SUFFIX = 6 };

/* Without the "-" and six random characters that the service adds to a name. */
static size_t without_suffix(const char *name)
{
    size_t length = strlen(name);
    if (length <= ARN_SUFFIX + 1 || name[length - ARN_SUFFIX - 1] != '-' ||
        !text_is_made_of(name + length - ARN_SUFFIX, "")) {
        return length;
    }
    return length - ARN_SUFFIX - 1;
}

/* False where it is none with a name: it then stays as it is. */
static bool put_arn(struct buffer *out, const char *body)
{
    const char *parts[ARN_PARTS] = {body};
    for (size_t i = 1; i < ARN_PARTS; i++) {
        const char *colon = strchr(parts[i - 1], ':');
        if (colon == NULL) {
            return false;
        }
        parts[i] = colon + 1;
    }
    const char *name = parts[ARN_NAME];
    buffer_printf(out, "arn:%.*s:%.*s:%.*s", (int)(parts[ARN_ACCOUNT + 1] - parts[ARN_ACCOUNT] - 1),
                  parts[ARN_ACCOUNT], (int)(parts[ARN_REGION + 1] - parts[ARN_REGION] - 1), parts[ARN_REGION],
                  (int)without_suffix(name), name);
    return true;
}

/* Cuts the last segment off, but never what stands before `root`. */
static void go_up(struct buffer *out, size_t root)
{
    size_t length = out->length;
    length -= length > root && out->data[length - 1] == '/';
    while (length > root && out->data[length - 1] != '/') {
        length--;
    }
    buffer_truncate(out, length);
}

/* As RFC 3986 5.2.4 removes dot segments; a "//HOST" before them stays. */
static void put_path(struct buffer *out, const char *body)
{
    size_t root = text_starts_with(body, "//") ? 2 + strcspn(body + 2, "/") : 0;
    root += body[root] == '/';
    buffer_append(out, body, root);
    for (const char *at = body + root; *at != '\0';) {
        size_t length = strcspn(at, "/");
        size_t whole = length + (at[length] == '/');
        if (length == 2 && memcmp(at, "..", 2) == 0) {
            go_up(out, root);
        } else if (length != 1 || *at != '.') {
            buffer_append(out, at, whole);
        }
        at += whole;
    }
}

char *reference_canonical(const char *body)
{
    struct buffer out = BUFFER_INIT;
    if (!text_starts_with(body, "arn:") || !put_arn(&out, body)) {
        put_path(&out, body);
    }
    char *text = out.failed ? NULL : text_copy(buffer_text(&out));
    buffer_release(&out);
    return text;
}

bool reference_has_dots(const char *body)
{
    for (const char *at = body; *at != '\0'; at += *at == '/') {
        size_t length = strcspn(at, "/");
        if ((length == 1 || length == 2) && strncmp(at, "..", length) == 0) {
            return true;
        }
        at += length;
    }
    return false;
}
