/* SPDX-License-Identifier: Apache-2.0 */
/* What references name. */
#include "vault/config/wanted.h"

#include "base/text.h"
#include "sdk/host.h"
#include "sdk/token.h"

#include <string.h>

enum { PATH_MOST = 1024 };

static const char path_hint[] = "write MOUNT/PATH as `vault kv get` takes it, such as secret/app";

/* What is wrong with a segment, or NULL. */
static const char *segment_fault(const char *segment, size_t length)
{
    if (length == 0) {
        return "has a slash at its end, or two in a row";
    }
    if (length <= 2 && strncmp(segment, "..", length) == 0) {
        return "has a segment . or .., which would choose another path";
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)segment[i] < ' ' || segment[i] == '\x7f') {
            return "holds a control character";
        }
    }
    return NULL;
}

const char *vault_path_fault(const char *path)
{
    const char *fault = strlen(path) > PATH_MOST ? "is longer than 1,024 octets" : NULL;
    for (const char *at = path; fault == NULL; at++) {
        size_t length = strcspn(at, "/");
        fault = segment_fault(at, length);
        at += length;
        if (*at == '\0') {
            break;
        }
    }
    return fault == NULL && text_starts_with(path, "v1/") ? "begins with v1/, which is no part of a secret's path"
                                                          : fault;
}

static bool read_version(const char *text, int64_t *version)
{
    return text_to_int64(text, version) && *version > 0;
}

static enum mstr_code read_query(const struct mstr_query *query, struct vault_wanted *wanted,
                                 struct mstr_error *error)
{
    if (strcmp(query->key, "version") == 0) {
        return read_version(query->value, &wanted->version)
                   ? MSTR_OK
                   : host->error_set(error, MSTR_E_CONFIG,
                                     "the reference has the version \"%.40s\", which is no number "
                                     "from 1 on",
                                     query->value);
    }
    if (strcmp(query->key, "namespace") == 0) {
        wanted->namespace = query->value;
        return token_fits_header(query->value, strlen(query->value))
                   ? MSTR_OK
                   : host->error_set(error, MSTR_E_CONFIG, "the reference has a namespace that is none");
    }
    return error_hint(
        error, host->error_set(error, MSTR_E_CONFIG, "the reference has the unknown query key \"%.60s\"", query->key),
        "the keys are version and namespace");
}

enum mstr_code vault_wanted_read(const struct mstr_reference *reference, struct vault_wanted *wanted,
                                 struct mstr_error *error)
{
    const char *fault = vault_path_fault(reference->body);
    enum mstr_code code = MSTR_OK;
    *wanted = (struct vault_wanted){.path = reference->body};
    if (fault != NULL) {
        return error_hint(error, host->error_set(error, MSTR_E_CONFIG, "the reference's path %s", fault), path_hint);
    }
    for (uint32_t i = 0; code == MSTR_OK && i < reference->query_count; i++) {
        code = read_query(&reference->query[i], wanted, error);
    }
    return code;
}
