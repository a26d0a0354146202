/* SPDX-License-Identifier: Apache-2.0 */
/* What a reference names. */
#include "kubernetes/config/secret_name.h"

#include "base/text.h"

#include <string.h>

#define LABEL_OCTETS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* One label of DNS (RFC 1123, 2.1) of `length` octets. */
static bool is_label(const char *text, size_t length)
{
    return length > 0 && strspn(text, LABEL_OCTETS) >= length && text[0] != '-' && text[length - 1] != '-';
}

/* Labels joined by dots, as names of secrets are. */
static bool is_subdomain(const char *text)
{
    bool good = strlen(text) <= NAME_MAX_LENGTH;
    while (good) {
        size_t length = strcspn(text, ".");
        good = is_label(text, length);
        text += length;
        if (*text == '\0') {
            return good;
        }
        text++;
    }
    return false;
}

bool secret_name_is_namespace(const char *text)
{
    size_t length = strlen(text);
    return length <= NAMESPACE_MAX && is_label(text, length);
}

/* IsConfigMapKey() of Kubernetes' validation. */
static bool is_key(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= KEY_MAX && text_is_made_of(text, "-._") && strcmp(text, ".") != 0 &&
           strncmp(text, "..", 2) != 0;
}

static const char *parse_query(const struct mstr_reference *reference, struct secret_name *name)
{
    for (uint32_t i = 0; i < reference->query_count; i++) {
        if (strcmp(reference->query[i].key, "key") != 0) {
            return "has a query, of which only \"key\" is known";
        }
        if (name->key != NULL) {
            return "names two keys";
        }
        name->key = reference->query[i].value;
        if (!is_key(name->key)) {
            return "has a key that no secret can have: 1 to 253 letters, digits, \"-\", \"_\" and \".\"";
        }
    }
    return NULL;
}

const char *secret_name_parse(const struct mstr_reference *reference, struct secret_name *name)
{
    const char *body = reference->body;
    *name = (struct secret_name){.key = NULL};
    if (strncmp(body, "//", 2) == 0) {
        body += 2;
        size_t length = strcspn(body, "/");
        if (body[length] == '\0') {
            return "needs the form //NAMESPACE/NAME";
        }
        if (length > NAMESPACE_MAX || !is_label(body, length)) {
            return "has a namespace that cannot be: 1 to 63 small letters, digits and inner hyphens";
        }
        memcpy(name->namespace, body, length);
        body += length + 1;
    } else if (strchr(body, '/') != NULL) {
        return "needs the form //NAMESPACE/NAME, or NAME alone for a secret of one's own namespace";
    }
    if (!is_subdomain(body)) {
        return "has a name that no secret can have: 1 to 253 small letters, digits and inner \"-\" and \".\"";
    }
    memcpy(name->name, body, strlen(body) + 1);
    return parse_query(reference, name);
}
