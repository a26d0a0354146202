/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes. */
#include "vault/wire/answer.h"

#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

enum { WARNINGS_MOST = 4, SECRET_LEAST = 4 /* octets; shorter ones stand in any text */ };
static const int64_t longest = INT64_C(10) * 365 * 24 * 3600; /* s */

enum mstr_code vault_answer_seconds(struct json_object *object, const char *member, int64_t *milliseconds,
                                    struct mstr_error *error)
{
    int64_t seconds = 0;
    bool told = json_member(object, member) != NULL;
    if (told && (!json_member_int64(object, member, &seconds) || seconds < 0)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Vault answered with a %s that is no number of seconds",
                               member);
    }
    *milliseconds = (seconds < longest ? seconds : longest) * 1000;
    return MSTR_OK;
}

/* A member that is an object, or null, or not there. */
static enum mstr_code take_object(const struct vault_answer *answer, const char *member, struct json_object **out,
                                  struct mstr_error *error)
{
    *out = json_member(answer->tree, member);
    return *out == NULL || json_object_is_type(*out, json_type_object)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_PROTOCOL, "Vault answered with %s that is no object", member);
}

enum mstr_code vault_answer_read(const struct mstr_http_answer *http, struct vault_answer *answer,
                                 struct mstr_error *error)
{
    *answer = (struct vault_answer){.tree = NULL};
    enum mstr_code parsed = json_read(http->body, http->body_length, &answer->tree);
    enum mstr_code code = MSTR_OK;
    if (parsed != MSTR_OK || !json_object_is_type(answer->tree, json_type_object)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "Vault answered %d with something that is no JSON object",
                               (int)http->status);
        return json_done(NULL, parsed, code, error);
    }
    code = take_object(answer, "data", &answer->data, error);
    if (code == MSTR_OK) {
        code = take_object(answer, "auth", &answer->auth, error);
    }
    if (code == MSTR_OK) {
        code = vault_answer_seconds(answer->tree, "lease_duration", &answer->lease_duration, error);
    }
    const char *lease = json_member_text(answer->tree, "lease_id");
    answer->lease_id = text_empty(lease) ? NULL : lease;
    return code;
}

static struct json_object *warnings_of(const struct vault_answer *answer)
{
    struct json_object *warnings = json_member(answer->tree, "warnings");
    return json_object_is_type(warnings, json_type_array) ? warnings : NULL;
}

static const char *warning_at(const struct vault_answer *answer, size_t index)
{
    struct json_object *warnings = warnings_of(answer);
    bool there = warnings != NULL && index < json_object_array_length(warnings);
    return there ? json_text(json_object_array_get_idx(warnings, index)) : NULL;
}

/* A warning, and whether one of the texts that are looked at stands in it. */
struct quoted {
    const char *warning;
    bool found;
};

static bool look(struct buffer *text, void *data)
{
    struct quoted *quoted = data;
    quoted->found |= text->length >= SECRET_LEAST && strstr(quoted->warning, buffer_text(text)) != NULL;
    return false;
}

static bool repeats(const char *warning, struct json_object *texts)
{
    struct quoted quoted = {.warning = warning};
    return !json_change_texts(texts, look, &quoted) || quoted.found;
}

void vault_answer_log_warnings(const struct vault_answer *answer, struct json_object *sent,
                               const struct mstr_instance *instance, const char *what)
{
    const char *warning = NULL;
    struct json_object *token = json_member(answer->auth, "client_token");
    for (size_t i = 0; i < WARNINGS_MOST && (warning = warning_at(answer, i)) != NULL; i++) {
        bool secret = repeats(warning, answer->data) || repeats(warning, token) || repeats(warning, sent);
        host->log(instance, MSTR_LEVEL_WARN, "%s: Vault warns: %.300s", what,
                  secret ? "(hidden, as it repeats a secret)" : warning);
    }
}

bool vault_answer_warns(const struct vault_answer *answer, const char *part)
{
    const char *warning = NULL;
    for (size_t i = 0; i < WARNINGS_MOST && (warning = warning_at(answer, i)) != NULL; i++) {
        if (strstr(warning, part) != NULL) {
            return true;
        }
    }
    return false;
}

void vault_answer_release(struct vault_answer *answer)
{
    json_release(answer->tree);
    answer->tree = NULL;
}
