/* SPDX-License-Identifier: Apache-2.0 */
/* What is said between a caller and the agent to resolve references. */
#include "resolve/agent_words.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "secret/secret.h"

#include <string.h>

#define NEEDS_PERSON "needs a person"

void agent_words_ask(const struct reference *const *references, size_t count, bool refresh, const char *fingerprints,
                     struct buffer *json)
{
    buffer_puts(json, "{\"references\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_putc(json, ',');
        }
        json_put_string(json, references[i]->key, strlen(references[i]->key));
    }
    buffer_printf(json, "],\"refresh\":%s,\"fingerprints\":{%s}}", refresh ? "true" : "false", fingerprints);
}

enum mstr_code agent_words_read(const char *text, size_t length, size_t count, struct json_object **tree,
                                struct json_object **outcomes)
{
    *tree = NULL;
    *outcomes = NULL;
    enum mstr_code code = json_read(text, length, tree);
    *outcomes = json_member(*tree, "results");
    bool fits = json_object_is_type(*outcomes, json_type_array) && json_object_array_length(*outcomes) == count;
    return code == MSTR_OK && !fits ? MSTR_E_PROTOCOL : code;
}

static enum secret_source source_of(struct json_object *outcome)
{
    const char *source = json_member_text(outcome, "source");
    return source != NULL && strcmp(source, "cache") == 0   ? SECRET_FROM_CACHE
           : source != NULL && strcmp(source, "stale") == 0 ? SECRET_STALE
                                                            : SECRET_FROM_STORE;
}

/* The value, as text or as base64. MSTR_E_PROTOCOL where there is none; MSTR_E_MEMORY. */
static enum mstr_code make_secret(struct json_object *outcome, mstr_secret **secret)
{
    struct secret_facts facts = {.version = json_member_text(outcome, "version"),
                                 .content_type = json_member_text(outcome, "content_type"),
                                 .null_hint = json_member_text(outcome, "null_hint"),
                                 .source = source_of(outcome)};
    const char *expires = json_member_text(outcome, "expires");
    size_t length = 0;
    const char *text = json_member_octets(outcome, "value", &length);
    struct buffer octets = BUFFER_INIT;
    enum mstr_code code = MSTR_E_PROTOCOL;
    json_member_int64(outcome, "fetched", &facts.fetched);
    if (expires != NULL && !timestamp_parse_rfc3339(expires, &facts.expires)) {
        return code;
    }
    if (text == NULL && (text = json_member_octets(outcome, "value_base64", &length)) != NULL) {
        bool decoded = base64_decode(&octets, text, length);
        text = decoded ? buffer_text(&octets) : NULL;
        length = octets.length;
        code = octets.failed ? MSTR_E_MEMORY : code;
    }
    if (text != NULL) {
        *secret = secret_make(text, length, &facts);
        code = *secret != NULL ? MSTR_OK : MSTR_E_MEMORY;
    }
    buffer_release(&octets);
    return code;
}

/* An error as the agent met it, part by part, so that it reads as one's own would. */
static enum mstr_code tell_error(struct json_object *told, mstr_error *error)
{
    static const struct {
        const char *name;
        void (*set)(mstr_error *error, const char *text);
    } details[] = {{"provider", error_set_provider},
                   {"step", error_set_step},
                   {"service_code", error_set_service_code},
                   {"request_id", error_set_request_id},
                   {"reference", error_set_reference}};
    const char *class = json_member_text(told, "class");
    const char *message = json_member_text(told, "message");
    const char *hint = json_member_text(told, "hint");
    enum mstr_code code = class != NULL ? error_code_named(class) : MSTR_E_UNEXPECTED;
    code = code != MSTR_OK ? code : MSTR_E_UNEXPECTED;
    error_set(error, code, "%s", message != NULL ? message : mstr_code_text(code));
    if (hint != NULL) {
        error_set_hint(error, "%s", hint);
    }
    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
        const char *text = json_member_text(told, details[i].name);
        if (text != NULL) {
            details[i].set(error, text);
        }
    }
    int64_t status = 0;
    if (json_member_int64(told, "http_status", &status) && status > 0 && status <= 999) {
        error_set_http_status(error, (int)status);
    }
    return code;
}

void agent_words_outcome(struct json_object *outcome, struct fetched *fetched, mstr_error *error)
{
    struct json_object *told = json_member(outcome, "error");
    int64_t fresh_for = 0;
    *fetched = (struct fetched){.error = error};
    if (told != NULL) {
        fetched->code = tell_error(told, error);
        return;
    }
    fetched->code = make_secret(outcome, &fetched->secret);
    if (fetched->code != MSTR_OK) {
        error_set(error, fetched->code, "%s",
                  fetched->code == MSTR_E_MEMORY ? "out of memory"
                                                 : "the agent's answer holds no value that can be read");
        return;
    }
    fetched->keep = json_member_int64(outcome, "fresh_for", &fresh_for) && fresh_for > 0;
    fetched->fresh_for = fetched->keep ? fresh_for : 0;
}

bool agent_words_needs_person(struct json_object *outcome)
{
    struct json_object *told = json_member(outcome, "error");
    const char *class = json_member_text(told, "class");
    const char *message = json_member_text(told, "message");
    return class != NULL && error_code_named(class) == MSTR_E_NOT_AVAILABLE && message != NULL &&
           strstr(message, NEEDS_PERSON) != NULL;
}

static enum mstr_code class_of_status(int status)
{
    static const struct {
        int status;
        enum mstr_code code;
    } known[] = {{400, MSTR_E_REQUEST},   {401, MSTR_E_AUTHENTICATION}, {403, MSTR_E_DENIED},
                 {404, MSTR_E_NOT_FOUND}, {409, MSTR_E_CONFIG},         {413, MSTR_E_REQUEST},
                 {429, MSTR_E_THROTTLED}, {503, MSTR_E_UNAVAILABLE},    {504, MSTR_E_TIMEOUT}};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].status == status) {
            return known[i].code;
        }
    }
    return MSTR_E_PROTOCOL;
}

enum mstr_code agent_words_refusal(int status, const char *text, size_t length, mstr_error *error)
{
    struct json_object *tree = NULL;
    json_read(text, length, &tree);
    const char *detail = json_member_text(tree, "detail");
    enum mstr_code code = error_set(error, class_of_status(status), "the agent answers %d%s%s", status,
                                    detail != NULL ? ": " : "", detail != NULL ? detail : "");
    error_set_http_status(error, status);
    json_release(tree);
    return code;
}

enum mstr_code agent_words_failure(const char *text, size_t length, mstr_error *error)
{
    struct json_object *tree = NULL;
    enum mstr_code code = MSTR_OK;
    json_read(text, length, &tree);
    struct json_object *told = json_member(tree, "error");
    const char *class = json_member_text(told, "class");
    if (class != NULL && error_code_named(class) != MSTR_E_SESSION) {
        code = tell_error(told, error);
    }
    json_release(tree);
    return code;
}

bool agent_words_difference(const char *text, size_t length, struct buffer *what, struct buffer *setting)
{
    struct json_object *tree = NULL;
    json_read(text, length, &tree);
    const char *scheme = json_member_text(tree, "scheme");
    const char *profile = json_member_text(tree, "profile");
    const char *key = json_member_text(tree, "key");
    const char *name = scheme != NULL ? scheme : profile;
    bool known = name != NULL && key != NULL;
    if (known) {
        buffer_puts(what, name);
        buffer_puts(setting, key);
    }
    json_release(tree);
    return known;
}

/* Whether the setting, of a scheme or behind one of a profile, is the plugin, or its file (plugin/fingerprint.c). */
static bool is_plugin(const char *setting)
{
    return text_ends_with(setting, "plugin") || text_ends_with(setting, "plugin file");
}

void agent_words_put_difference(struct buffer *out, const char *what, const char *setting)
{
    if (is_plugin(setting)) {
        buffer_printf(
            out,
            "has another plugin for %s: %s differs (install mstr and mstr-agent from the same packages; mstr as "
            "a single file has plugins of its own)",
            what, setting);
    } else {
        buffer_printf(out, "has other settings for %s: %s differs", what, setting);
    }
}

enum mstr_code agent_words_tell_difference(const char *what, const char *setting, mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    agent_words_put_difference(&text, what, setting);
    enum mstr_code code = text.failed ? error_set(error, MSTR_E_MEMORY, "out of memory")
                                      : error_set(error, MSTR_E_CONFIG, "the agent %s", buffer_text(&text));
    buffer_release(&text);
    return code;
}
