/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that repeat what was sent, as servers do that explain too much. */
#include "core.h"

#include "base/json.h"

#include <string.h>

static const char mark[] = "{sent}";

static void put_xml(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<' || *text == '&')
            buffer_puts(out, *text == '<' ? "&lt;" : "&amp;");
        else
            buffer_putc(out, *text);
    }
}

/* As a string of JSON without its quotes. */
static void put_json(struct buffer *out, const char *text)
{
    struct buffer quoted = BUFFER_INIT;
    json_put_string(&quoted, text, strlen(text));
    buffer_append(out, buffer_text(&quoted) + 1, quoted.length - 2);
    buffer_release(&quoted);
}

static void collect(const struct sim_request *request, const char *name, struct buffer *out)
{
    struct sim_pairs form = {0};
    sim_body_form(request, &form);
    struct json_object *body = sim_body_json(request);
    const char *const values[] = {sim_header(request, name), sim_query(request, name), sim_pairs_get(&form, name),
                                  json_member_text(body, name)};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (values[i])
            buffer_printf(out, "%s%s", out->length > 0 ? " " : "", values[i]);
    json_object_put(body);
    sim_pairs_release(&form);
}

void sim_echo(const struct sim_request *request, struct json_object *names, bool json, struct buffer *text)
{
    struct buffer sent = BUFFER_INIT;
    struct buffer done = BUFFER_INIT;
    size_t count = json_object_is_type(names, json_type_array) ? json_object_array_length(names) : 0;
    for (size_t i = 0; i < count; i++)
        collect(request, json_object_get_string(json_object_array_get_idx(names, i)), &sent);
    const char *at = buffer_text(text);
    for (const char *found; (found = strstr(at, mark)); at = found + strlen(mark)) {
        buffer_append(&done, at, (size_t)(found - at));
        (json ? put_json : put_xml)(&done, buffer_text(&sent));
    }
    buffer_puts(&done, at);
    buffer_release(text);
    *text = done;
    buffer_release(&sent);
}
