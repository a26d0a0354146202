/* SPDX-License-Identifier: Apache-2.0 */
/* Values. */
#include "vault/service/value.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

#include <inttypes.h>
#include <stdio.h>

/* A time to come; 0 for any other. */
static int64_t time_ahead(struct json_object *object, const char *member)
{
    int64_t time = 0;
    const char *text = json_member_text(object, member);
    return !text_empty(text) && timestamp_parse_rfc3339(text, &time) && time > host->now() ? time : 0;
}

bool vault_value_is_versioned(const struct vault_answer *answer)
{
    int64_t version = 0;
    struct json_object *data = json_member(answer->data, "data");
    return json_member_int64(json_member(answer->data, "metadata"), "version", &version) && version >= 0 &&
           (data == NULL || json_object_is_type(data, json_type_object));
}

/* Version 2 wraps data and what is known of it once more. */
static enum mstr_code read_version_2(const struct mstr_http_answer *http, const struct vault_answer *answer,
                                     struct vault_value *value, struct mstr_error *error)
{
    int64_t version = 0;
    struct json_object *metadata = json_member(answer->data, "metadata");
    if (!vault_value_is_versioned(answer)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Vault answered without the data and metadata of a version");
    }
    json_member_int64(metadata, "version", &version);
    snprintf(value->version, sizeof(value->version), "%" PRId64, version);
    value->expires = time_ahead(metadata, "deletion_time");
    return json_member(answer->data, "data") != NULL
               ? host->json_text(http->body, http->body_length, "/data/data", &value->text, &value->length, error)
               : host->error_set(error, MSTR_E_NOT_FOUND, "version %s holds null in place of data", value->version);
}

enum mstr_code vault_value_read(const struct mstr_http_answer *http, const struct vault_answer *answer,
                                enum vault_kv kv, struct vault_value *value, struct mstr_error *error)
{
    *value = (struct vault_value){.text = NULL};
    if (answer->data == NULL) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Vault answered 200 without data");
    }
    if (kv == VAULT_KV_2) {
        return read_version_2(http, answer, value, error);
    }
    value->leased = answer->lease_id != NULL; /* version 1 tells a lease_duration without one: a hint, no end */
    value->fleeting = value->leased && answer->lease_duration == 0;
    value->expires = value->leased && !value->fleeting ? http->received + answer->lease_duration : 0;
    return host->json_text(http->body, http->body_length, "/data", &value->text, &value->length, error);
}

bool vault_value_tell_gone(const struct vault_answer *answer, const char *what, struct mstr_error *error)
{
    int64_t version = 0;
    bool destroyed = false;
    struct json_object *metadata = json_member(answer->data, "metadata");
    const char *deleted = json_member_text(metadata, "deletion_time");
    json_member_bool(metadata, "destroyed", &destroyed);
    if (!json_member_int64(metadata, "version", &version) || (!destroyed && text_empty(deleted))) {
        return false;
    }
    host->error_set(error, MSTR_E_NOT_FOUND, "%s: version %" PRId64 " was %s%.40s", what, version,
                    destroyed ? "destroyed" : "deleted at ", destroyed ? "" : deleted);
    host->error_detail(error, MSTR_DETAIL_HINT,
                       destroyed
                           ? "it is gone for good: name another one by ?version="
                           : "undelete it, or name an older one by ?version=: the newest counts, also when deleted");
    return true;
}

void vault_value_release(struct vault_value *value)
{
    host->secret_free(value->text);
    value->text = NULL;
}
