/* SPDX-License-Identifier: Apache-2.0 */
/* The API server's Secret. */
#include "kubernetes/service/secret.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum mstr_code refuse(const char *name, const char *why, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_PROTOCOL, "Kubernetes answered for the secret \"%.253s\" with %s", name,
                           why);
}

/* Adds an entry; what it is not is told without its value. */
static enum mstr_code add(struct secret *secret, const char *name, const char *key, struct json_object *value,
                          struct mstr_error *error)
{
    struct secret_entry *entry = &secret->entries[secret->count];
    struct buffer why = BUFFER_INIT;
    const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
    enum mstr_code code = MSTR_OK;
    if (text == NULL) {
        buffer_printf(&why, "an entry \"%.100s\" that is no text", key);
    } else if (!base64_decode(&entry->octets, text, (size_t)json_object_get_string_len(value)) &&
               !entry->octets.failed) {
        buffer_printf(&why, "an entry \"%.100s\" that is no base64", key);
    }
    entry->key = text_copy(key);
    secret->count++;
    if (why.length > 0) {
        code = refuse(name, buffer_text(&why), error);
    } else if (entry->key == NULL || entry->octets.failed) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&why);
    return code;
}

static enum mstr_code read_data(struct json_object *body, const char *name, struct secret *secret,
                                struct mstr_error *error)
{
    struct json_object *data = json_member(body, "data");
    enum mstr_code code = MSTR_OK;
    if (data == NULL) {
        return MSTR_OK; /* one without entries */
    }
    if (!json_object_is_type(data, json_type_object)) {
        return refuse(name, "data that are no object", error);
    }
    size_t count = (size_t)json_object_object_length(data);
    secret->entries = calloc(count + 1, sizeof(*secret->entries));
    if (secret->entries == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    json_object_object_foreach(data, key, value)
    {
        code = code == MSTR_OK ? add(secret, name, key, value, error) : code;
    }
    return code;
}

static bool is(const char *text, const char *expected)
{
    return text != NULL && strcmp(text, expected) == 0;
}

enum mstr_code secret_read(const struct mstr_http_answer *answer, const char *namespace, const char *name,
                           struct secret *out, struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    struct json_object *metadata = json_member(body, "metadata");
    const char *version = json_member_text(metadata, "resourceVersion");
    enum mstr_code code = MSTR_OK;
    if (!is(json_member_text(body, "kind"), "Secret")) {
        code = refuse(name, "no Secret in JSON", error);
    } else if (!is(json_member_text(metadata, "name"), name) ||
               !is(json_member_text(metadata, "namespace"), namespace)) {
        code = refuse(name, "another secret", error);
    } else if (version != NULL && strlen(version) >= sizeof(out->version)) {
        code = refuse(name, "a resourceVersion that is too long", error);
    } else {
        snprintf(out->version, sizeof(out->version), "%s", version != NULL ? version : "");
        code = read_data(body, name, out, error);
    }
    return json_done(body, parsed, code, error);
}

const struct buffer *secret_entry(const struct secret *secret, const char *key)
{
    for (size_t i = 0; i < secret->count; i++) {
        if (strcmp(secret->entries[i].key, key) == 0) {
            return &secret->entries[i].octets;
        }
    }
    return NULL;
}

bool secret_put_json(const struct secret *secret, struct buffer *out)
{
    buffer_putc(out, '{');
    for (size_t i = 0; i < secret->count; i++) {
        const struct buffer *octets = &secret->entries[i].octets;
        buffer_puts(out, i > 0 ? "," : "");
        json_put_string(out, secret->entries[i].key, strlen(secret->entries[i].key));
        buffer_putc(out, ':');
        if (text_is_utf8(buffer_text(octets), octets->length)) {
            json_put_string(out, buffer_text(octets), octets->length);
        } else {
            buffer_puts(out, "null");
        }
    }
    return buffer_putc(out, '}');
}

enum mstr_code secret_tell_missing(const struct secret *secret, const char *name, const char *key,
                                   struct mstr_error *error)
{
    struct buffer hint = BUFFER_INIT;
    host->error_set(error, MSTR_E_NOT_FOUND, "the secret \"%s\" has no entry \"%s\"", name, key);
    buffer_puts(&hint, secret->count > 0 ? "its entries: " : "it has no entries at all");
    for (size_t i = 0; i < secret->count; i++) {
        buffer_printf(&hint, "%s%s", i > 0 ? ", " : "", secret->entries[i].key);
    }
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_NOT_FOUND;
}

void secret_release(struct secret *secret)
{
    for (size_t i = 0; i < secret->count; i++) {
        free(secret->entries[i].key);
        buffer_release(&secret->entries[i].octets);
    }
    free(secret->entries);
    *secret = (struct secret){.count = 0};
}
