/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as programs see them. */
#include "session/parts/response.h"

#include "base/error.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "secret/field.h"
#include "secret/memory.h"
#include "session/parts/server_error.h"

#include <mstr/json-c.h>

#include <errno.h>
#include <stdlib.h>

struct mstr_response {
    struct mstr_http_response *http;
    struct json_object *json; /* NULL until it is asked for */
};

mstr_response *response_wrap(struct mstr_http_response *http)
{
    mstr_response *response = calloc(1, sizeof(*response));
    if (response != NULL) {
        response->http = http;
    }
    return response;
}

void response_unwrap(mstr_response *response)
{
    if (response != NULL) {
        json_release(response->json);
        free(response);
    }
}

int response_show(const struct mstr_http_response *http, int (*see)(const mstr_response *answer, void *data),
                  void *data)
{
    mstr_response shown = {.http = (struct mstr_http_response *)(uintptr_t)http}; /* which is not changed */
    int told = see(&shown, data);
    json_release(shown.json);
    return told;
}

int mstr_response_status(const mstr_response *response)
{
    return http_answer(response->http)->status;
}

const char *mstr_response_body(const mstr_response *response, size_t *length)
{
    const struct mstr_http_answer *answer = http_answer(response->http);
    if (length != NULL) {
        *length = answer->body_length;
    }
    return answer->body;
}

const char *mstr_response_header(const mstr_response *response, const char *name)
{
    return http_header(response->http, name);
}

int mstr_response_header_at(const mstr_response *response, size_t index, const char **name, const char **value)
{
    return http_header_at(response->http, index, name, value);
}

int64_t mstr_response_elapsed(const mstr_response *response)
{
    const struct mstr_http_answer *answer = http_answer(response->http);
    return answer->received > answer->sent ? answer->received - answer->sent : 0;
}

const char *mstr_response_url(const mstr_response *response)
{
    return http_url(response->http);
}

struct json_object *mstr_response_json(const mstr_response *response)
{
    if (response == NULL) { /* as where a request failed */
        errno = ENOENT;
        return NULL;
    }
    struct json_object **kept = &((mstr_response *)(uintptr_t)response)->json; /* a memory of what is constant */
    struct json_object *json = __atomic_load_n(kept, __ATOMIC_ACQUIRE);
    struct json_object *none = NULL;
    if (json == NULL) {
        errno = http_json(response->http, &json) == MSTR_E_MEMORY ? ENOMEM : ENOENT;
        if (json != NULL &&
            !__atomic_compare_exchange_n(kept, &none, json, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            json_release(json); /* another thread was faster */
            json = none;
        }
    }
    return json;
}

static struct json_object *find(const mstr_response *response, const char *pointer, enum json_type type)
{
    struct json_object *json = mstr_response_json(response);
    if (json == NULL) {
        return NULL;
    }
    struct json_object *found = json_at(json, pointer);
    errno = ENOENT;
    return json_object_is_type(found, type) ? found : NULL;
}

const char *mstr_response_text(const mstr_response *response, const char *pointer)
{
    struct json_object *text = find(response, pointer, json_type_string);
    return json_text(text);
}

int mstr_response_number(const mstr_response *response, const char *pointer, int64_t *number)
{
    struct json_object *found = find(response, pointer, json_type_int);
    if (found != NULL) {
        *number = json_object_get_int64(found);
    }
    return found != NULL;
}

int64_t mstr_response_count(const mstr_response *response, const char *pointer)
{
    struct json_object *list = find(response, pointer, json_type_array);
    struct json_object *object = list == NULL ? find(response, pointer, json_type_object) : NULL;
    return list != NULL     ? (int64_t)json_object_array_length(list)
           : object != NULL ? (int64_t)json_object_object_length(object)
                            : -1;
}

/* Cut out of the body as it came, since a parser would keep neither digits nor order. */
enum mstr_code mstr_response_member(const mstr_response *response, const char *pointer, mstr_secret **out,
                                    mstr_error *error)
{
    const struct mstr_http_answer *answer = http_answer(response->http);
    struct json_span whole;
    char *text = NULL;
    size_t length = 0;
    *out = NULL;
    if (pointer[0] != '/' || field_check(pointer, NULL) != MSTR_OK) {
        return error_set(error, MSTR_E_USAGE, "\"%.100s\" is no JSON Pointer, such as /projects/0", pointer);
    }
    if (!json_scan_check(answer->body, answer->body_length, &whole)) {
        return error_set(error, MSTR_E_NOT_FOUND, "the answer is no JSON, so there is no \"%.100s\" in it", pointer);
    }
    enum mstr_code code = field_text(whole, pointer, &text, &length, NULL);
    if (code == MSTR_OK && (*out = mstr_secret_new(text, length)) == NULL) {
        code = MSTR_E_MEMORY;
    }
    secure_free(text);
    return code == MSTR_OK         ? code
           : code == MSTR_E_MEMORY ? error_set(error, code, "out of memory")
                                   : error_set(error, code, "there is no \"%.100s\" in the answer", pointer);
}

enum mstr_code mstr_response_refusal(const mstr_response *response, const char *what, mstr_error *error)
{
    return mstr_response_status(response) < 400 ? MSTR_OK : server_error_tell(response->http, what, error);
}

enum mstr_code response_tell_absent(mstr_error *error, enum mstr_code code, const char *format, ...)
{
    va_list arguments;
    if (errno == ENOMEM) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    va_start(arguments, format);
    error_vset(error, code, format, arguments);
    va_end(arguments);
    return code;
}

void mstr_response_free(mstr_response *response)
{
    if (response != NULL) {
        http_response_free(response->http);
        response_unwrap(response);
    }
}
