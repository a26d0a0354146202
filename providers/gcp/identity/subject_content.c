/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens out of a file or a URL's answer, as text or in JSON. */
#include "base/text.h"
#include "base/uri.h"
#include "gcp/config/url_policy.h"
#include "gcp/identity/subject.h"
#include "gcp/wire/http.h"
#include "sdk/file.h"

#include <string.h>

enum { HEADERS_MAX = 16 };

static bool is_json(struct json_object *source)
{
    const char *type = json_member_text(json_member(source, "format"), "type");
    return type != NULL && strcmp(type, "json") == 0;
}

static const char *field_of(struct json_object *source)
{
    return json_member_text(json_member(source, "format"), "subject_token_field_name");
}

static bool is_line(const char *text, size_t length)
{
    return memchr(text, '\0', length) == NULL && strpbrk(text, "\r\n") == NULL;
}

/* "format" of a file or URL source: {"type": "text"} or {"type": "json", "subject_token_field_name"}. */
static enum mstr_code check_format(const struct gcp_identity *identity, struct json_object *source,
                                   struct mstr_error *error)
{
    const char *type = json_member_text(json_member(source, "format"), "type");
    if (type != NULL && strcmp(type, "text") != 0 && strcmp(type, "json") != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: \"format\" must be of type text or json", identity->source);
    }
    if (is_json(source) && text_empty(field_of(source))) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: format json needs \"subject_token_field_name\"",
                               identity->source);
    }
    return MSTR_OK;
}

/* The token out of what the source gave; white space around a text is not part of it. `without` is the class of
 * failure where there is none. */
static enum mstr_code extract(struct json_object *source, const struct buffer *content, enum mstr_code without,
                              struct buffer *token, struct mstr_error *error)
{
    static const char blanks[] = " \t\r\n";
    const char *text = buffer_text(content);
    size_t length = content->length;
    enum mstr_code parsed = MSTR_OK;
    if (is_json(source)) {
        struct json_object *body = NULL;
        parsed = json_read(text, length, &body);
        const char *member = json_member_text(body, field_of(source));
        buffer_puts(token, member != NULL ? member : "");
        json_release(body);
    } else if (memchr(text, '\0', length) == NULL) {
        size_t start = strspn(text, blanks);
        while (length > start && strchr(blanks, text[length - 1]) != NULL) {
            length--;
        }
        buffer_append(token, text + start, length - start);
    }
    enum mstr_code code =
        token->length > 0 ? MSTR_OK : host->error_set(error, without, "the source of the subject token holds none");
    return json_done(NULL, token->failed ? MSTR_E_MEMORY : parsed, code, error);
}

static enum mstr_code fetch_file(const struct gcp_identity *identity, struct json_object *source,
                                 const struct mstr_call *call, struct subject *subject, struct mstr_error *error)
{
    struct buffer content = BUFFER_INIT;
    (void)identity;
    (void)call;
    enum mstr_code code =
        file_read(json_member_text(source, "file"), json_member_text(source, "file"), 0, &content, error);
    if (code == MSTR_OK) {
        code = extract(source, &content, MSTR_E_CONFIG, &subject->token, error);
    }
    buffer_release(&content);
    return code;
}

/* Names and values of headers; what ends a line would begin another header. */
static enum mstr_code check_headers(const struct gcp_identity *identity, struct json_object *source,
                                    struct mstr_error *error)
{
    struct json_object *given = json_member(source, "headers");
    bool good = given == NULL ||
                (json_object_is_type(given, json_type_object) && json_object_object_length(given) <= HEADERS_MAX);
    if (good && given != NULL) {
        json_object_object_foreach(given, name, value)
        {
            size_t length = 0;
            const char *text = json_member_octets(given, name, &length);
            (void)value;
            good = good && text != NULL && *name != '\0' && text_is_made_of(name, "-_") && is_line(text, length);
        }
    }
    return good ? MSTR_OK
                : host->error_set(error, MSTR_E_CONFIG,
                                  "%s: \"headers\" must be at most %d texts without line ends and NUL",
                                  identity->source, HEADERS_MAX);
}

/* Metadata services of other clouds are link-local and speak plain http; all else must be https. */
static enum mstr_code check_url(const struct gcp_identity *identity, struct json_object *source,
                                struct mstr_error *error)
{
    struct uri uri;
    const char *url = json_member_text(source, "url");
    enum mstr_code code = check_format(identity, source, error);
    code = code == MSTR_OK ? check_headers(identity, source, error) : code;
    if (code != MSTR_OK || (uri_parse(url, &uri) && uri.user == NULL && uri_is_link_local(&uri))) {
        return code;
    }
    return url_policy_plain(url, "url", identity->source, error);
}

static size_t read_headers(struct json_object *source, struct mstr_header headers[HEADERS_MAX])
{
    size_t count = 0;
    struct json_object *given = json_member(source, "headers");
    if (given != NULL) {
        json_object_object_foreach(given, name, value)
        {
            headers[count++] = (struct mstr_header){name, json_object_get_string(value)};
        }
    }
    return count;
}

static enum mstr_code fetch_url(const struct gcp_identity *identity, struct json_object *source,
                                const struct mstr_call *call, struct subject *subject, struct mstr_error *error)
{
    struct uri uri;
    struct mstr_header headers[HEADERS_MAX];
    const char *url = json_member_text(source, "url");
    bool local = uri_parse(url, &uri) && uri_is_link_local(&uri);
    const struct mstr_http_request get = {.method = "GET",
                                          .url = url,
                                          .headers = headers,
                                          .header_count = read_headers(source, headers),
                                          .flags = local ? MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN : 0};
    struct request request = {.traffic = &gcp_http_traffic,
                              .ca_file = gcp_http_ca_file(identity->instance),
                              .error = error,
                              .fixed = &get,
                              .read = gcp_http_read,
                              .keeps_answer = true};
    enum mstr_code code = request_send(&request, call);
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(request.answer);
        struct buffer content = BUFFER_INIT;
        buffer_append(&content, answer->body, answer->body_length);
        code = answer->status == 200 ? extract(source, &content, MSTR_E_PROTOCOL, &subject->token, error)
                                     : host->error_set(error, attempt_class(answer->status, MSTR_E_AUTHENTICATION),
                                                       "the source of the subject token, %.200s, answered %d", url,
                                                       (int)answer->status);
        buffer_release(&content);
    }
    host->http_free(request.answer);
    return code;
}

const struct subject_source subject_file = {"file", check_format, fetch_file};
const struct subject_source subject_url = {"url", check_url, fetch_url};
