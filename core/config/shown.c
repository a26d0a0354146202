/* SPDX-License-Identifier: Apache-2.0 */
/* What of the configuration's values may be shown: references as they are written, of all else nothing secret. */
#include "config/config.h"

#include "base/text.h"
#include "config/schema.h"
#include "reference/template.h"

#include <stdlib.h>
#include <string.h>

/* The first "${" that begins a reference, with no "$" before it. NULL if there is none. What no reference stands in
 * is a part of a literal. */
static const char *find_reference(const char *text, struct buffer *shown)
{
    for (const char *at = text; (at = strstr(at, "${")) != NULL; at += 2) {
        bool literal = (at > text && at[-1] == '$') || strchr(at, '}') == NULL;
        enum mstr_code code = literal ? MSTR_E_CONFIG : template_check_reference(at + 2, strcspn(at + 2, "}"));
        if (code == MSTR_OK) {
            return at;
        }
        shown->failed |= code == MSTR_E_MEMORY;
    }
    return NULL;
}

/* The literal parts, with a digit in place of each reference: a host or a port may be one. */
static void put_literals(const char *text, struct buffer *literals, struct buffer *shown)
{
    for (const char *reference = NULL; (reference = find_reference(text, shown)) != NULL;) {
        buffer_append(literals, text, (size_t)(reference - text));
        buffer_putc(literals, '0');
        text = reference + strcspn(reference, "}") + 1;
    }
    buffer_puts(literals, text);
}

/* Without memory, which `shown` then tells, anything may be. The body of text: is a value itself, wherever it is.
 * With a blank in the place of what was cut off, digits at the end of a URL may be the begin of a password. */
static bool is_secret(const char *section, const char *key, const char *text, bool cut, struct buffer *shown)
{
    struct buffer literals = BUFFER_INIT;
    char *type = text_copy_length(section, strcspn(section, " "));
    put_literals(text, &literals, shown);
    buffer_puts(&literals, cut ? " " : "");
    shown->failed = shown->failed || type == NULL || literals.failed;
    bool secret =
        shown->failed || strstr(text, "text:") != NULL || schema_is_secret(type, key, buffer_text(&literals));
    buffer_release(&literals);
    free(type);
    return secret;
}

/* A reference as it is written, "${" and "}" included, but for the body of text:, which is the value itself. */
static void show_reference(const char *text, const char *end, struct buffer *shown)
{
    for (const char *at = text; at < end; at++) {
        if (at == text || strchr("{| \t", at[-1]) == NULL || !text_starts_with(at, "text:")) {
            buffer_putc(shown, *at);
            continue;
        }
        const char *bars = strstr(at, "||");
        buffer_puts(shown, "text:(hidden)");
        at = (bars != NULL && bars < end ? bars : end - 1) - 1;
    }
}

bool config_show(const char *section, const char *key, const char *text, bool cut, struct buffer *shown)
{
    if (!is_secret(section, key, text, cut, shown)) {
        buffer_puts(shown, text);
        return true;
    }
    const char *reference = find_reference(text, shown);
    bool any = reference != NULL;
    while (reference != NULL) {
        size_t length = strcspn(reference, "}") + 1;
        buffer_puts(shown, reference > text ? "(hidden)" : "");
        show_reference(reference, reference + length, shown);
        text = reference + length;
        reference = find_reference(text, shown);
    }
    buffer_puts(shown, *text != '\0' ? "(hidden)" : "");
    return any;
}
