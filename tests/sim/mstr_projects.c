/* SPDX-License-Identifier: Apache-2.0 */
/* status, projects, and the quick search over reports, cubes, documents and datasets. */
#include "mstr.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *projects;

void library_projects_load(struct json_object *section)
{
    projects = json_member(section, "projects");
}

static struct json_object *find_project(const char *member, const char *value)
{
    for (size_t i = 0; projects && i < json_object_array_length(projects); i++) {
        struct json_object *project = json_object_array_get_idx(projects, i);
        const char *text = json_member_text(project, member);
        if (text && !strcmp(text, value))
            return project;
    }
    return NULL;
}

struct json_object *library_project_with_id(const char *id)
{
    return find_project("id", id);
}

void library_status(struct library_call *call)
{
    struct json_object *status = json_object_new_object();
    json_object_object_add(status, "upSince", json_object_new_int64(sim_now() - 3600000));
    json_object_object_add(status, "upTime", json_object_new_int64(3600000));
    json_object_object_add(status, "webVersion", json_object_new_string("11.3.0460.00349J"));
    json_object_object_add(status, "isIServerConfigured", json_object_new_boolean(true));
    json_object_object_add(status, "iServerVersion", json_object_new_string("11.3.0460.00602"));
    json_object_object_add(status, "deploymentType", json_object_new_string("simulator"));
    sim_reply_json(call->reply, 200, status);
}

/* Texts of the tree that the service keeps are made under its lock. */
void library_projects_list(struct library_call *call)
{
    sim_reply_json(call->reply, 200, projects ? json_object_get(projects) : json_object_new_array());
}

void library_project_get(struct library_call *call)
{
    struct json_object *project = find_project("name", call->arguments[0]);
    if (!project)
        project = library_project_with_id(call->arguments[0]);
    if (project)
        sim_reply_json(call->reply, 200, json_object_get(project));
    else
        library_error(call->reply, 404, 4, LIBRARY_OBJECT_MISSING, "There is no such project.");
}

/* The patterns of the search: 0 any word, 1 begins, 2 exact, 3 phrase begins, 4 contains, 5 ends. */
static bool name_fits(const char *name, const char *wanted, int64_t pattern)
{
    if (!wanted || !*wanted)
        return true;
    switch (pattern) {
    case 1:
    case 3:
        return text_starts_with(name, wanted);
    case 2:
        return strcmp(name, wanted) == 0;
    case 5:
        return text_ends_with(name, wanted);
    default:
        return strstr(name, wanted) != NULL;
    }
}

static bool type_asked(const struct sim_request *request, int64_t type, int64_t subtype)
{
    bool any = false;
    for (size_t i = 0; i < request->query.count; i++) {
        if (strcmp(request->query.items[i].name, "type") != 0)
            continue;
        any = true;
        int64_t asked = strtoll(request->query.items[i].value, NULL, 10);
        if (asked == type || asked == subtype)
            return true;
    }
    return !any;
}

static void collect(const struct sim_request *request, const char *kind, int64_t type, int64_t subtype,
                    struct json_object *found)
{
    struct json_object *list = library_reports_list(kind);
    int64_t pattern = 4;
    const char *text = sim_query(request, "pattern");
    if (text)
        text_to_int64(text, &pattern);
    for (size_t i = 0; list && type_asked(request, type, subtype) && i < json_object_array_length(list); i++) {
        struct json_object *report = json_object_array_get_idx(list, i);
        const char *name = json_member_text(report, "name");
        if (!name || !name_fits(name, sim_query(request, "name"), pattern))
            continue;
        struct json_object *item = json_object_new_object();
        json_object_object_add(item, "name", json_object_new_string(name));
        json_object_object_add(item, "id", json_object_new_string(json_member_text(report, "id")));
        json_object_object_add(item, "type", json_object_new_int64(type));
        json_object_object_add(item, "subtype", json_object_new_int64(subtype));
        json_object_array_add(found, item);
    }
}

/* An object by its id and type. */
void library_object_get(struct library_call *call)
{
    static const struct {
        const char *kind;
        int64_t type;
    } kinds[] = {{"reports", 3}, {"cubes", 3}, {"datasets", 3}, {"documents", 55}};
    int64_t type = sim_query_int(call->request, "type", -1);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct json_object *found = sim_find(library_reports_list(kinds[i].kind), "id", call->arguments[0]);
        if (found && kinds[i].type == type) {
            struct json_object *result = json_object_new_object();
            sim_put(result, "id", call->arguments[0]);
            sim_put(result, "name", sim_text_of(found, "name"));
            sim_put_int(result, "type", type);
            sim_reply_json(call->reply, 200, result);
            return;
        }
    }
    library_error(call->reply, 404, 4, LIBRARY_OBJECT_MISSING, "The object is not found in the metadata.");
}

static struct json_object *collect_all(const struct sim_request *request)
{
    struct json_object *found = json_object_new_array();
    collect(request, "reports", 3, 768, found);
    collect(request, "cubes", 3, 776, found);
    collect(request, "documents", 55, 14081, found);
    collect(request, "datasets", 3, 779, found);
    return found;
}

/* A page of a list, as the query wants it. */
static struct json_object *page_of(struct library_call *call, struct json_object *found)
{
    const int64_t total = (int64_t)json_object_array_length(found);
    const int64_t offset = sim_query_int(call->request, "offset", 0);
    const int64_t limit = sim_query_int(call->request, "limit", -1);
    struct json_object *page = json_object_new_array();
    for (int64_t i = offset < 0 ? 0 : offset; i < total && (limit < 0 || i < offset + limit); i++)
        json_object_array_add(page, json_object_get(json_object_array_get_idx(found, (size_t)i)));
    return page;
}

static struct json_object *searches; /* what was found, by the ids of searches */

void library_searches_unload(void)
{
    json_object_put(searches);
    searches = NULL;
}

void library_search_begin(struct library_call *call)
{
    struct json_object *found = collect_all(call->request);
    struct json_object *result = json_object_new_object();
    char id[LIBRARY_ID_LENGTH + 1] = "";
    sim_random_text(id, LIBRARY_ID_LENGTH, "0123456789ABCDEF");
    searches = searches ? searches : json_object_new_object();
    json_object_object_add(searches, id, found);
    sim_put(result, "id", id);
    sim_put_int(result, "totalItems", (int64_t)json_object_array_length(found));
    sim_reply_json(call->reply, 200, result);
}

void library_search_page(struct library_call *call)
{
    const char *id = sim_query(call->request, "searchId");
    struct json_object *found = id && searches ? json_member(searches, id) : NULL;
    if (found)
        sim_reply_json(call->reply, 200, page_of(call, found));
    else
        library_error(call->reply, 404, 4, 0, "There is no such search.");
}

void library_search(struct library_call *call)
{
    struct json_object *found = collect_all(call->request);
    const int64_t total = (int64_t)json_object_array_length(found);
    struct json_object *page = page_of(call, found);
    json_object_put(found);

    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)total);
    sim_reply_header(call->reply, "x-mstr-total-count", text);
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "totalItems", json_object_new_int64(total));
    json_object_object_add(result, "result", page);
    sim_reply_json(call->reply, 200, result);
}
