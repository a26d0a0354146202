/* SPDX-License-Identifier: Apache-2.0 */
/* mstr search: objects of a project whose names contain a text. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "output.h"
#include "session_use.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 1000, TYPES_MAX = 16, QUERY_MAX = TYPES_MAX + 3, POINTER = 64 };

/* Types, and their kinds before them, which are 256 of a type each. */
static const struct {
    const char *name;
    const char *number;
} types[] = {
    {"cube", "776"},     {"dataset", "779"},  {"document", "55"}, {"report", "3"},
    {"attribute", "12"}, {"fact", "13"},      {"filter", "1"},    {"folder", "8"},
    {"metric", "4"},     {"prompt", "10"},    {"template", "2"},  {"table", "15"},
    {"shortcut", "18"},  {"hierarchy", "14"}, {"event", "49"},    {"schedule", "51"},
};

struct search {
    const char *text;
    const char *types[TYPES_MAX];
    size_t type_count;
    mstr_session *session;
    int64_t count; /* of objects that were found */
};

enum { OPTION_TYPE = 1 };
static const struct option options[] = {
    {OPTION_TYPE, 't', "type", "NAME", "objects of this type alone: report, cube, document, folder and others"},
    {0, 0, NULL, NULL, NULL},
};

static const char *name_of(int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].number, text) == 0) {
            return types[i].name;
        }
    }
    return NULL;
}

static int take_type(struct tool *tool, struct search *search, const char *value)
{
    if (search->type_count == TYPES_MAX) {
        return tool_usage(tool, "that are too many types");
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, value) == 0 || strcmp(types[i].number, value) == 0) {
            search->types[search->type_count++] = types[i].number;
            return STATUS_DONE;
        }
    }
    return tool_usage(tool,
                      "there is no type \"%.40s\"; there are report, cube, dataset, document, folder, attribute, "
                      "metric, fact, filter, prompt, template, table, shortcut, hierarchy, event and schedule",
                      value);
}

static enum mstr_code ask(struct tool *tool, struct search *search, const char *method,
                          const struct mstr_header *query, size_t count, mstr_response **answer)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const mstr_call_options call = tool_call(tool);
    request.method = method;
    request.path = "metadataSearches/results";
    request.query = query;
    request.query_count = count;
    request.project = tool->project;
    request.call = &call;
    return mstr_session_send(search->session, &request, answer, tool->error);
}

/* The server looks once, and keeps what it found under an id. */
static int begin(struct tool *tool, struct search *search, char *id, size_t size)
{
    struct mstr_header query[QUERY_MAX] = {{"name", search->text}, {"pattern", "4"}, {"domain", "2"}};
    mstr_response *answer = NULL;
    size_t count = 3;
    for (size_t i = 0; i < search->type_count; i++) {
        query[count++] = (struct mstr_header){"type", search->types[i]};
    }
    if (ask(tool, search, "POST", query, count, &answer) != MSTR_OK) {
        return tool_fail(tool);
    }
    const char *found = mstr_response_text(answer, "/id");
    bool good = found != NULL && strlen(found) < size;
    if (good) {
        memcpy(id, found, strlen(found) + 1);
    } else {
        mstr_error_set(tool->error, MSTR_E_PROTOCOL, "the server's answer names no search");
    }
    mstr_response_free(answer);
    return good ? STATUS_DONE : tool_fail(tool);
}

static const char *text_at(const mstr_response *answer, const char *list, int64_t i, const char *member)
{
    char pointer[POINTER];
    snprintf(pointer, sizeof pointer, "%s/%lld/%s", list, (long long)i, member);
    const char *text = mstr_response_text(answer, pointer);
    return text != NULL ? text : "";
}

static void print(struct tool *tool, struct search *search, const mstr_response *answer, const char *list, int64_t i)
{
    char pointer[POINTER];
    char number[24];
    int64_t type = 0;
    int64_t subtype = 0;
    snprintf(pointer, sizeof pointer, "%s/%lld/type", list, (long long)i);
    mstr_response_number(answer, pointer, &type);
    snprintf(pointer, sizeof pointer, "%s/%lld/subtype", list, (long long)i);
    mstr_response_number(answer, pointer, &subtype);
    const char *kind = name_of(subtype) != NULL ? name_of(subtype) : name_of(type);
    if (kind == NULL) {
        snprintf(number, sizeof number, "%lld", (long long)type);
        kind = number;
    }
    if (tool->json) {
        output_member(output_data, search->count == 0 ? "[\n  {" : ",\n  {", "id", text_at(answer, list, i, "id"));
        output_member(output_data, ", ", "type", kind);
        output_member(output_data, ", ", "name", text_at(answer, list, i, "name"));
        output_puts(output_data, "}");
    } else {
        display(output_data, text_at(answer, list, i, "id"));
        output_printf(output_data, "\t%s\t", kind);
        display(output_data, text_at(answer, list, i, "name"));
        output_puts(output_data, "\n");
    }
    search->count++;
}

static int list_all(struct tool *tool, struct search *search, const char *id)
{
    for (int64_t count = PAGE; count == PAGE && output_failure(output_data) == 0;) {
        char offset[24];
        mstr_response *answer = NULL;
        snprintf(offset, sizeof offset, "%lld", (long long)search->count);
        const struct mstr_header query[] = {{"searchId", id}, {"offset", offset}, {"limit", "1000"}};
        if (ask(tool, search, "GET", query, sizeof query / sizeof query[0], &answer) != MSTR_OK) {
            return tool_fail(tool);
        }
        const char *list = mstr_response_count(answer, "/result") >= 0 ? "/result" : "";
        count = mstr_response_count(answer, list);
        for (int64_t i = 0; i < count; i++) {
            print(tool, search, answer, list, i);
        }
        mstr_response_free(answer);
    }
    return STATUS_DONE;
}

static int find(struct tool *tool, mstr_session *session, void *data)
{
    struct search *search = data;
    char id[128];
    search->session = session;
    int status = begin(tool, search, id, sizeof id);
    status = status == STATUS_DONE ? list_all(tool, search, id) : status;
    if (tool->json) {
        output_list_end(output_data, (size_t)search->count, status == STATUS_DONE);
    }
    return status;
}

static int use_session(struct tool *tool, void *data)
{
    return tool_work(tool, find, data);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct search search = {.text = NULL};
    const char *value = NULL;
    int status = STATUS_DONE;
    for (int found; status == STATUS_DONE && (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        if (found == ARGUMENT_OPERAND) {
            status = tool_take_operand(tool, &search.text, value);
        } else if (found == OPTION_TYPE) {
            status = take_type(tool, &search, value);
        } else {
            status = STATUS_USAGE;
        }
    }
    if (status == STATUS_DONE && search.text == NULL) {
        return tool_usage(tool, "say what is to be found");
    }
    return status == STATUS_DONE ? tool_write(tool, use_session, &search) : status;
}

static const char *const formats[] = {"text", "json", NULL};
static const char *const synopsis[] = {"[OPTION]... TEXT", NULL};
static const char *const examples[] = {"mstr search revenue --type report --type cube", NULL};
const struct command command_search = {
    .name = "search",
    .synopsis = synopsis,
    .summary = "find objects whose names contain a text",
    .options = options,
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run,
};
