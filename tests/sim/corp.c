/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An in-house store as nobody has it, for those who write a provider for their own: GET /v1/secrets/NAME with a token
 * answers {"value": TEXT}. It reads paths as the most careless server would, which takes their steps once they are
 * decoded: so it finds what a provider pasted into them.
 */
#include "services.h"

#include "base/json.h"

#include <string.h>

static struct json_object *seed;

static void take_steps(const char *path, struct buffer *out)
{
    while (*path) {
        const size_t length = strcspn(path, "/");
        if (length == 2 && !strncmp(path, "..", length)) {
            const char *last = strrchr(buffer_text(out), '/');
            buffer_truncate(out, last ? (size_t)(last - out->data) : 0);
        } else if (length > 0 && !(length == 1 && *path == '.')) {
            buffer_putc(out, '/');
            buffer_append(out, path, length);
        }
        path += length;
        path += *path == '/';
    }
}

/* The secret that a path leads to; NULL for none. */
static const char *find(const char *path)
{
    static const char prefix[] = "/v1/secrets/";
    struct buffer plain = BUFFER_INIT;
    take_steps(path, &plain);
    const bool named = !strncmp(buffer_text(&plain), prefix, sizeof(prefix) - 1);
    const char *value =
        named ? json_member_text(json_member(seed, "secrets"), buffer_text(&plain) + sizeof(prefix) - 1) : NULL;
    buffer_release(&plain);
    return value;
}

static void refuse(struct sim_reply *reply, int status, const char *why)
{
    sim_reply_text(reply, status, "text/plain", why);
    sim_verdict(reply, "%s", why);
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    const char *wanted = json_member_text(seed, "token");
    const char *token = sim_header(request, "X-Corp-Token");
    const char *value = find(request->path);
    if (!sim_is(request, "GET")) {
        refuse(reply, 405, "this can only be read");
    } else if (!wanted || !token || strcmp(wanted, token) != 0) {
        refuse(reply, 401, "the token is not this one");
    } else if (!value) {
        refuse(reply, 404, "there is no such secret");
    } else {
        struct json_object *body = json_object_new_object();
        json_object_object_add(body, "value", json_object_new_string(value));
        sim_reply_json(reply, 200, body);
    }
}

static bool load(struct json_object *section, struct buffer *why)
{
    (void)why;
    seed = section;
    return true;
}

static void unload(void)
{
    seed = NULL;
}

const struct sim_service sim_corp = {"corp", "", load, handle, NULL, NULL, unload};
