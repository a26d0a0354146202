/* SPDX-License-Identifier: Apache-2.0 */
/* Ids by names. */
#include "lookup.h"

#include "context.h"
#include "failure.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 1000, QUERY_MAX = 8, POINTER = 64 };

static const struct mstr_header exact_type_3[] = {{"pattern", "2"}, {"type", "3"}};
static const int64_t cubes[] = {776, 779, 0};

const struct lookup lookup_cube = {"cube", "searches/results", "/result", exact_type_3, 2, true, cubes, true};
const struct lookup lookup_event = {"event", "events", "/events", NULL, 0, false, NULL, false};
const struct lookup lookup_subscription = {
    "subscription", "subscriptions", "/subscriptions", NULL, 0, false, NULL, true};

static bool is_id(const char *name)
{
    return strlen(name) == LOOKUP_ID - 1 && strspn(name, "0123456789ABCDEFabcdef") == LOOKUP_ID - 1;
}

static const char *text_at(const mstr_response *answer, const struct lookup *lookup, int64_t index,
                           const char *member)
{
    char pointer[POINTER];
    snprintf(pointer, sizeof pointer, "%s/%lld/%s", lookup->list, (long long)index, member);
    return mstr_response_text(answer, pointer);
}

static bool is_meant(const mstr_response *answer, const struct lookup *lookup, int64_t index, const char *name)
{
    char pointer[POINTER];
    int64_t subtype = 0;
    const char *found = text_at(answer, lookup, index, "name");
    if (found == NULL || strcmp(found, name) != 0) {
        return false;
    }
    snprintf(pointer, sizeof pointer, "%s/%lld/subtype", lookup->list, (long long)index);
    mstr_response_number(answer, pointer, &subtype);
    const int64_t *wanted = lookup->subtypes;
    while (wanted != NULL && *wanted != 0 && *wanted != subtype) {
        wanted++;
    }
    return wanted == NULL || *wanted != 0;
}

/* A page of the list. */
static enum mstr_code ask(struct tool *tool, mstr_session *session, const struct lookup *lookup, const char *project,
                          const char *name, int64_t offset, mstr_response **answer)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    struct mstr_header query[QUERY_MAX];
    size_t count = 0;
    char from[24];
    const mstr_call_options call = tool_call(tool);
    snprintf(from, sizeof from, "%lld", (long long)offset);
    if (lookup->by_name) {
        query[count++] = (struct mstr_header){"name", name};
    }
    for (size_t i = 0; i < lookup->query_count; i++) {
        query[count++] = lookup->query[i];
    }
    query[count++] = (struct mstr_header){"offset", from};
    query[count++] = (struct mstr_header){"limit", "1000"};
    request.path = lookup->path;
    request.project = lookup->of_project ? project : "";
    request.query = query;
    request.query_count = count;
    request.call = &call;
    return mstr_session_send(session, &request, answer, tool->error);
}

int lookup_id(struct tool *tool, mstr_session *session, const struct lookup *lookup, const char *project,
              const char *name, char id[LOOKUP_ID])
{
    int64_t count = PAGE;
    int found = 0;
    if (is_id(name)) {
        memcpy(id, name, LOOKUP_ID);
        return STATUS_DONE;
    }
    for (int64_t offset = 0; count == PAGE; offset += PAGE) {
        mstr_response *answer = NULL;
        if (ask(tool, session, lookup, project, name, offset, &answer) != MSTR_OK) {
            return tool_fail(tool);
        }
        count = mstr_response_count(answer, lookup->list);
        for (int64_t i = 0; i < count; i++) {
            const char *text = is_meant(answer, lookup, i, name) ? text_at(answer, lookup, i, "id") : NULL;
            if (text != NULL && is_id(text)) {
                memcpy(id, text, LOOKUP_ID);
                found++;
            }
        }
        mstr_response_free(answer);
    }
    if (found == 1) {
        return STATUS_DONE;
    }
    mstr_error_set(tool->error, found == 0 ? MSTR_E_NOT_FOUND : MSTR_E_USAGE,
                   found == 0 ? "there is no %s \"%.200s\"" : "several of the %ss are named \"%.200s\": use the id",
                   lookup->what, name);
    return tool_fail(tool);
}
