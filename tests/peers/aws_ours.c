/*
 * Our side of the peer tests that compare parts of the AWS provider instead of whole programs: one JSON request a
 * line on standard input, one JSON answer a line on standard output.
 *
 * - aws_ours sign: a request and its keys; its Authorization header and canonical request.
 * - aws_ours config: the texts of a config and a credentials file; what is read from them, or the error.
 */
#include "aws/config/shared_config.h"
#include "base/base64.h"
#include "base/json.h"
#include "sdk/host.h"
#include "sdk/sigv4.h"
#include "support/fake_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 32 };

typedef bool answer_fn(struct json_object *request, struct buffer *out);

static bool put_text(struct buffer *out, const char *text)
{
    return json_put_string(out, text, strlen(text));
}

static size_t read_headers(struct json_object *list, struct mstr_header headers[HEADERS_MAX])
{
    size_t count = json_object_array_length(list);
    for (size_t i = 0; i < count && i < HEADERS_MAX; i++) {
        struct json_object *pair = json_object_array_get_idx(list, i);
        headers[i].name = json_object_get_string(json_object_array_get_idx(pair, 0));
        headers[i].value = json_object_get_string(json_object_array_get_idx(pair, 1));
    }
    return count <= HEADERS_MAX ? count : 0;
}

static bool answer_sign(struct json_object *asked, struct buffer *out)
{
    struct mstr_header headers[HEADERS_MAX];
    struct buffer body = BUFFER_INIT;
    struct sigv4_signature signature;
    int64_t time = 0;
    const struct sigv4_keys keys = {json_member_text(asked, "access_key"), json_member_text(asked, "secret_key"),
                                    json_member_text(asked, "session_token")};
    struct sigv4_request request = {.method = json_member_text(asked, "method"),
                                    .path = json_member_text(asked, "path"),
                                    .query = json_member_text(asked, "query"),
                                    .headers = headers,
                                    .header_count = read_headers(json_member(asked, "headers"), headers)};
    const char *coded = json_member_text(asked, "body");
    bool good = base64_decode(&body, coded, strlen(coded)) && json_member_int64(asked, "time", &time) &&
                json_member_bool(asked, "hash_header", &request.hash_header);
    request.body = buffer_text(&body);
    request.body_length = body.length;
    good = good && sigv4_sign(&keys, json_member_text(asked, "region"), json_member_text(asked, "service"),
                              time * 1000, &request, NULL, &signature) == MSTR_OK;
    if (good) {
        buffer_puts(out, "{\"authorization\":");
        put_text(out, buffer_text(&signature.authorization));
        buffer_puts(out, ",\"canonical\":");
        put_text(out, buffer_text(&signature.canonical_request));
        buffer_putc(out, '}');
        sigv4_release(&signature);
    }
    buffer_release(&body);
    return good;
}

/* {"key":"value","parent.key":"value"}; what is empty counts as absent in both. */
static void put_section(const struct section *section, struct buffer *out)
{
    bool first = true;
    buffer_putc(out, '{');
    for (size_t i = 0; i < section->count; i++) {
        const struct property *at = &section->properties[i];
        struct buffer name = BUFFER_INIT;
        if (at->value[0] == '\0') {
            continue;
        }
        buffer_printf(&name, "%s%s%s", at->parent != NULL ? at->parent : "", at->parent != NULL ? "." : "", at->key);
        buffer_puts(out, first ? "" : ",");
        put_text(out, buffer_text(&name));
        buffer_putc(out, ':');
        put_text(out, at->value);
        buffer_release(&name);
        first = false;
    }
    buffer_putc(out, '}');
}

static void put_sections(const struct shared_config *config, struct buffer *out)
{
    static const char *const prefixes[] = {
        [SECTION_PROFILE] = "", [SECTION_SSO_SESSION] = "sso-session.", [SECTION_SERVICES] = "services."};
    buffer_puts(out, "{\"sections\":{");
    for (size_t i = 0; i < config->count; i++) {
        struct buffer name = BUFFER_INIT;
        buffer_printf(&name, "%s%s", prefixes[config->sections[i].kind], config->sections[i].name);
        buffer_puts(out, i > 0 ? "," : "");
        put_text(out, buffer_text(&name));
        buffer_putc(out, ':');
        put_section(&config->sections[i], out);
        buffer_release(&name);
    }
    buffer_puts(out, "}}");
}

static bool answer_config(struct json_object *asked, struct buffer *out)
{
    struct shared_config config = {NULL, 0};
    struct mstr_error *error = host->error_new();
    size_t length = 0;
    const char *text = json_member_octets(asked, "config", &length);
    enum mstr_code code = shared_config_add(&config, false, "config", text, length, error);
    shared_config_settle_default(&config);
    text = json_member_octets(asked, "credentials", &length);
    code = code == MSTR_OK ? shared_config_add(&config, true, "credentials", text, length, error) : code;
    if (code == MSTR_OK) {
        put_sections(&config, out);
    } else {
        buffer_puts(out, "{\"error\":");
        put_text(out, host->error_message(error));
        buffer_putc(out, '}');
    }
    shared_config_release(&config);
    host->error_free(error);
    return true;
}

static bool answer_lines(answer_fn *answer)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length = 0;
    bool good = true;
    while (good && (length = getline(&line, &room, stdin)) > 0) {
        struct json_object *request = json_parse(line, (size_t)length);
        struct buffer out = BUFFER_INIT;
        good = request != NULL && answer(request, &out) && !out.failed && puts(buffer_text(&out)) >= 0;
        buffer_release(&out);
        json_release(request);
    }
    free(line);
    return good;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        answer_fn *answer;
    } questions[] = {{"sign", answer_sign}, {"config", answer_config}};
    bool good = false;
    fake_host_setup(NULL);
    for (size_t i = 0; argc == 2 && i < sizeof(questions) / sizeof(*questions); i++) {
        if (strcmp(argv[1], questions[i].name) == 0) {
            good = answer_lines(questions[i].answer);
        }
    }
    return fake_host_teardown(NULL) == 0 && good ? 0 : 1;
}
