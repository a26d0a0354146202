/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short texts of the environment, of settings and of headers, two lines of them: proxies and the hosts to reach
 * without one, pinned keys, durations, pauses that are asked for, redirects, patterns, tokens that tell of
 * themselves. What is taken apart lies within the text, and what is made of it can be taken apart again.
 */
#include "told.h"

#include "base/glob.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "base/uri.h"
#include "http/pinned_key.h"
#include "http/proxy.h"
#include "sdk/jwt.h"
#include "session/parts/header.h"
#include "session/parts/redirect.h"

#include <mstr/context.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(const char *part, size_t length, const char *text)
{
    return part == NULL || (part >= text && part + length <= text + strlen(text));
}

static void read_proxy(const char *text, const char *list, const struct uri *to)
{
    struct proxy proxy = {.url = NULL};
    const struct proxy_settings settings = {.url = text, .except = list};
    mstr_error *error = mstr_error_new();
    if (proxy_read(text, &proxy) && (proxy.name_length == 0 || !is_within(proxy.name, proxy.name_length, text) ||
                                     !is_within(proxy.user, proxy.user_length, text))) {
        abort();
    }
    enum mstr_code code = proxy_find(&settings, to, &proxy, error);
    if (code == MSTR_OK && proxy.url != NULL && proxy_is_excepted(list, to)) {
        abort();
    }
    check_told(code, error);
    proxy_exceptions_are_good(list);
    check_told(pinned_key_has_form(text) && text[0] != '/' ? pinned_key_check(text, error) : MSTR_OK, error);
    mstr_error_free(error);
}

/* Only of a location without line breaks is a target made that could be sent. */
static void read_redirect(const char *location, const struct uri *from)
{
    struct buffer target = BUFFER_INIT;
    struct uri to;
    if (redirect_put_target(from, location, &target) && uri_parse(buffer_text(&target), &to) && to.host_length == 0) {
        abort();
    }
    header_is_value(location);
    buffer_release(&target);
}

static void read_numbers(const char *text)
{
    int64_t duration = -1;
    int64_t pause = -1;
    if (mstr_duration_parse(text, &duration) == MSTR_OK ? duration < 0 : duration != -1) {
        abort();
    }
    if (timestamp_parse_retry_after(text, 1768478400000, &pause) && pause < 0) {
        abort();
    }
}

static void read_token(const char *text)
{
    struct json_object *claims = NULL;
    if (jwt_claims(text, &claims) == MSTR_OK && claims != NULL && !json_object_is_type(claims, json_type_object)) {
        abort();
    }
    json_release(claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uri to;
    char *text = calloc(1, size + 2);
    if (text == NULL || !uri_parse("https://api.example.com:8443/base/objects?a=b", &to)) {
        abort();
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    char *second = text + strcspn(text, "\n");
    if (*second == '\n') {
        *second++ = '\0';
    }
    read_proxy(text, second, &to);
    read_redirect(text, &to);
    read_numbers(text);
    read_token(text);
    free(text);
    return 0;
}
