/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our side of the peer tests that compare parts of the AWS provider instead of whole programs: one JSON request a
 * line on standard input, one JSON answer a line on standard output.
 *
 * - aws_ours sign: a request and its keys; its Authorization header and canonical request.
 * - aws_ours config: the texts of a config and a credentials file; what is read from them, or the error.
 */
#define _GNU_SOURCE /* twalk_r() */
#include "aws/config/shared_config.h"
#include "base/base64.h"
#include "sdk/host.h"
#include "sdk/sigv4.h"
#include "support/fake_host.h"
#include "support/json_parse.h"

#include <search.h>
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

/* A list of members on a walk through a tree. */
struct members {
    struct buffer *out;
    const struct shared_config *config;
    bool more;
};

/* "key":"value" or "parent.key":"value"; what is empty counts as absent in both. */
static void put_property(const void *node, VISIT visit, void *data)
{
    const struct property *at = *(struct property *const *)node;
    struct members *members = data;
    struct buffer name = BUFFER_INIT;
    if ((visit != postorder && visit != leaf) || at->value[0] == '\0') {
        return;
    }
    buffer_printf(&name, "%s%s%s", at->parent != NULL ? at->parent : "", at->parent != NULL ? "." : "", at->key);
    buffer_puts(members->out, members->more ? "," : "");
    put_text(members->out, buffer_text(&name));
    buffer_putc(members->out, ':');
    put_text(members->out, at->value);
    buffer_release(&name);
    members->more = true;
}

static void put_section(const void *node, VISIT visit, void *data)
{
    static const char *const prefixes[] = {
        [SECTION_PROFILE] = "", [SECTION_SSO_SESSION] = "sso-session.", [SECTION_SERVICES] = "services."};
    const struct section *at = *(struct section *const *)node;
    struct members *members = data;
    struct members inner = {.out = members->out};
    struct buffer name = BUFFER_INIT;
    bool counts = visit == postorder || visit == leaf;
    if (!counts || shared_config_find(members->config, at->kind, at->name) != at) {
        return;
    }
    buffer_printf(&name, "%s%s", prefixes[at->kind], at->name);
    buffer_puts(members->out, members->more ? "," : "");
    put_text(members->out, buffer_text(&name));
    buffer_puts(members->out, ":{");
    twalk_r(at->properties, put_property, &inner);
    buffer_putc(members->out, '}');
    buffer_release(&name);
    members->more = true;
}

static void put_sections(const struct shared_config *config, struct buffer *out)
{
    struct members members = {.out = out, .config = config};
    buffer_puts(out, "{\"sections\":{");
    twalk_r(config->sections, put_section, &members);
    buffer_puts(out, "}}");
}

static bool answer_config(struct json_object *asked, struct buffer *out)
{
    struct shared_config *config = shared_config_new();
    struct mstr_error *error = host->error_new();
    size_t length = 0;
    const char *text = json_member_octets(asked, "config", &length);
    enum mstr_code code = shared_config_add(config, false, "config", text, length, error);
    text = json_member_octets(asked, "credentials", &length);
    code = code == MSTR_OK ? shared_config_add(config, true, "credentials", text, length, error) : code;
    if (code == MSTR_OK) {
        put_sections(config, out);
    } else {
        buffer_puts(out, "{\"error\":");
        put_text(out, host->error_message(error));
        buffer_putc(out, '}');
    }
    shared_config_release(config);
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
