/* What of the configuration's values may be shown: references as they are written, of all else nothing secret. */
#include "config/config.h"

#include "base/text.h"
#include "config/schema.h"
#include "reference/template.h"

#include <stdlib.h>
#include <string.h>

/* Without memory, which `shown` then tells, anything may be. */
static bool is_secret(const char *section, const char *key, const char *text, struct buffer *shown)
{
    char *type = text_copy_length(section, strcspn(section, " "));
    bool secret = type == NULL || schema_is_secret(type, key, text);
    shown->failed = shown->failed || type == NULL;
    free(type);
    return secret;
}

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

bool config_show(const char *section, const char *key, const char *text, struct buffer *shown)
{
    if (!is_secret(section, key, text, shown)) {
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
