/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents and dashboards: their instances, which live in the same working set as those of reports, and what these
 * are exported to. The knob "export_form" has an export answer in other ways than the usual one, and "export_octets"
 * makes a PDF so long.
 */
#include "mstr.h"

#include "base/base64.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum { FORM_TEXT = 16, LATER_POLLS = 1 };

/* Which form the next exports have: "octets", "json" (base64), "later" (202 first), "html", "error" (with status
 * 200), "short" (an end that is missing), "empty"; "" = what the request accepts. */
static void read_form(char form[FORM_TEXT])
{
    sim_knob_text("mstr", "export_form", "", form, FORM_TEXT);
}

/* What the service makes of a document: octets that begin and end as those of the form, and any octet in between. */
static void put_file(struct buffer *out, const char *begin, const char *end)
{
    int64_t size = sim_knob_int("mstr", "export_octets", 2000);
    buffer_puts(out, begin);
    for (int64_t i = (int64_t)(strlen(begin) + strlen(end)); i < size; i++)
        buffer_putc(out, (char)(i * 7 & 0xff));
    buffer_puts(out, end);
}

static void give_json(struct library_call *call, const struct buffer *content)
{
    struct buffer body = BUFFER_INIT;
    buffer_puts(&body, "{\"data\":\"");
    base64_encode(&body, buffer_text(content), content->length);
    buffer_puts(&body, "\"}");
    sim_reply_text(call->reply, 200, "application/json", "");
    buffer_append(&call->reply->body, buffer_text(&body), body.length);
    buffer_release(&body);
}

static void give_octets(struct library_call *call, const char *type, const struct buffer *content, size_t length)
{
    sim_reply_text(call->reply, 200, type, "");
    buffer_append(&call->reply->body, buffer_text(content), length);
}

/* An export that is not made at once is fetched by an id of its own, which is that of the instance here. */
static void give_later(struct library_call *call, struct library_instance *instance)
{
    struct json_object *result = json_object_new_object();
    sim_put(result, "id", instance->id);
    instance->polls = LATER_POLLS;
    sim_reply_json(call->reply, 202, result);
}

static void give(struct library_call *call, struct library_instance *instance, const char *type,
                 const struct buffer *content)
{
    char form[FORM_TEXT];
    const char *accept = sim_header(call->request, "Accept");
    read_form(form);
    if (!strcmp(form, "html"))
        sim_reply_text(call->reply, 200, "text/html", "<!DOCTYPE html><html><body>Sign in</body></html>");
    else if (!strcmp(form, "error"))
        sim_reply_text(call->reply, 200, "application/json",
                       "{\"code\":\"ERR001\",\"message\":\"no export service\"}");
    else if (!strcmp(form, "later") && strcmp(call->request->method, "POST") == 0)
        give_later(call, instance);
    else if (!strcmp(form, "short"))
        sim_reply_text(call->reply, 200, "application/json", "{\"data\":\"JVBERi0xLjcK");
    else if (!strcmp(form, "json") || (!*form && accept && !strstr(accept, "octet-stream")))
        give_json(call, content);
    else
        give_octets(call, type, content, !strcmp(form, "empty") ? 0 : content->length);
}

void library_document_run(struct library_call *call)
{
    struct json_object *document = library_report_find(call);
    if (document)
        library_instance_make(call, document);
}

/* The instance of an export; NULL with the refusal as the reply, as while prompts are open. */
static struct library_instance *find_ready(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    if (!instance || json_object_array_length(instance->prompts) == 0)
        return instance;
    library_error(call->reply, 400, 10, 0, "The document has prompts that are not answered.");
    return NULL;
}

static void export(struct library_call *call, const char *type, const char *begin, const char *end)
{
    struct library_instance *instance = find_ready(call);
    struct buffer content = BUFFER_INIT;
    if (!instance)
        return;
    put_file(&content, begin, end);
    give(call, instance, type, &content);
    buffer_release(&content);
}

void library_document_pdf(struct library_call *call)
{
    export(call, "application/pdf", "%PDF-1.7\n", "%%EOF\n");
}

void library_document_excel(struct library_call *call)
{
    export(call, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\3\4", "PK\5\6");
}

void library_document_mstr(struct library_call *call)
{
    export(call, "application/octet-stream", "PK\3\4", "PK\5\6");
}

void library_document_result(struct library_call *call)
{
    struct library_instance *instance = find_ready(call);
    if (!instance)
        return;
    if (instance->polls > 0) {
        instance->polls--;
        sim_reply_text(call->reply, 202, "application/json", "{}");
        return;
    }
    library_document_pdf(call);
}

/* --- visualizations --------------------------------------------------------------------------------------------- */

void library_document_definition(struct library_call *call)
{
    snprintf(call->arguments[1], sizeof(call->arguments[1]), "%s", call->arguments[0]);
    snprintf(call->arguments[0], sizeof(call->arguments[0]), "dossiers");
    struct json_object *document = library_report_find(call);
    if (!document)
        return;
    struct json_object *list = json_object_new_array();
    struct json_object *charts = json_member(document, "visualizations");
    for (size_t i = 0; i < sim_length(charts); i++) {
        struct json_object *chart = json_object_new_object();
        sim_put(chart, "key", sim_text_of(sim_at(charts, i), "key"));
        sim_put(chart, "name", sim_text_of(sim_at(charts, i), "name"));
        sim_put(chart, "visualizationType", "grid");
        json_object_array_add(list, chart);
    }
    struct json_object *result = json_object_new_object();
    struct json_object *page = json_object_new_object();
    struct json_object *chapter = json_object_new_object();
    json_object_object_add(page, "visualizations", list);
    json_object_object_add(chapter, "pages", json_object_new_array());
    json_object_array_add(json_member(chapter, "pages"), page);
    json_object_object_add(result, "chapters", json_object_new_array());
    json_object_array_add(json_member(result, "chapters"), chapter);
    sim_put(result, "name", sim_text_of(document, "name"));
    sim_put(result, "id", sim_text_of(document, "id"));
    sim_reply_json(call->reply, 200, result);
}

/* UTF-16 of UTF-8 that the seed holds, the low octet first. */
static void put_utf16(struct buffer *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        unsigned length = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
        uint32_t character = length == 1 ? *at : *at & (0xffu >> (length + 1));
        for (unsigned i = 1; i < length; i++)
            character = character << 6 | (at[i] & 0x3f);
        at += length;
        uint32_t units[2] = {character, 0};
        if (character > 0xffff) {
            units[0] = 0xd800 + ((character - 0x10000) >> 10);
            units[1] = 0xdc00 + ((character - 0x10000) & 0x3ff);
        }
        for (unsigned i = 0; i < (units[1] ? 2 : 1); i++) {
            buffer_putc(out, (char)(units[i] & 0xff));
            buffer_putc(out, (char)(units[i] >> 8));
        }
    }
}

static struct json_object *find_chart(struct library_call *call, const struct library_instance *instance)
{
    struct json_object *chart = sim_find(json_member(instance->report, "visualizations"), "key", call->arguments[3]);
    if (!chart)
        library_error(call->reply, 404, 4, 0, "There is no such visualization.");
    return chart;
}

void library_document_chart_csv(struct library_call *call)
{
    struct library_instance *instance = find_ready(call);
    struct json_object *chart = instance ? find_chart(call, instance) : NULL;
    struct buffer content = BUFFER_INIT;
    if (!chart)
        return;
    buffer_puts(&content, "\xff\xfe");
    put_utf16(&content, sim_text_of(chart, "csv"));
    give(call, instance, "text/csv", &content);
    buffer_release(&content);
}

void library_document_chart_pdf(struct library_call *call)
{
    const struct library_instance *instance = find_ready(call);
    if (instance && find_chart(call, instance))
        library_document_pdf(call);
}
