/* SPDX-License-Identifier: Apache-2.0 */
/* MicroStrategy REST: which path is served by what, and the rules that hold for all of them. */
#include "mstr.h"
#include "services.h"

#include "base/text.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION = 1, PROJECT = 2 };

static const struct route {
    const char *method;
    const char *path; /* below api/; {} is one segment */
    unsigned needs;
    void (*run)(struct library_call *call);
} routes[] = {
    {"GET", "status", 0, library_status},
    {"POST", "auth/login", 0, library_login},
    {"POST", "auth/delegate", 0, library_delegate},
    {"GET", "auth/token", 0, library_token_of_cookies},
    {"POST", "auth/logout", SESSION, library_logout},
    {"POST", "auth/identityToken", SESSION, library_identity_create},
    {"GET", "auth/identityToken", 0, library_identity_check},
    {"POST", "auth/apiTokens", SESSION, library_api_token_create},
    {"GET", "sessions", SESSION, library_session_get},
    {"PUT", "sessions", SESSION, library_session_extend},
    {"GET", "sessions/projectId", SESSION | PROJECT, library_session_get},
    {"GET", "sessions/userInfo", SESSION, library_session_user},
    {"GET", "sessions/privileges", SESSION, library_session_privileges},
    {"GET", "sessions/privileges/{}", SESSION, library_session_privilege},
    {"GET", "projects", SESSION, library_projects_list},
    {"GET", "projects/{}", SESSION, library_project_get},
    {"GET", "searches/results", SESSION | PROJECT, library_search},
    {"GET", "v2/{}/{}", SESSION | PROJECT, library_report_get},
    {"POST", "v2/{}/{}/instances", SESSION | PROJECT, library_report_run},
    {"GET", "v2/{}/{}/instances/{}", SESSION | PROJECT, library_report_data},
    {"PUT", "v2/{}/{}/instances/{}", SESSION | PROJECT, library_report_turn},
    {"DELETE", "v2/{}/{}/instances/{}", SESSION | PROJECT, library_report_delete},
    {"GET", "v2/{}/{}/instances/{}/pageBy/elements", SESSION | PROJECT, library_report_page_by},
    {"GET", "{}/{}/prompts", SESSION | PROJECT, library_report_prompts_ahead},
    {"GET", "{}/{}/instances/{}/prompts/{}/elements", SESSION | PROJECT, library_report_prompt_elements},
    {"GET", "{}/{}/instances/{}/status", SESSION | PROJECT, library_report_status},
    {"GET", "v2/{}/{}/instances/{}/status", SESSION | PROJECT, library_report_status},
    {"GET", "{}/{}/instances/{}/prompts", SESSION | PROJECT, library_report_prompts},
    {"PUT", "{}/{}/instances/{}/prompts/answers", SESSION | PROJECT, library_report_answers},
    {"GET", "v2/dossiers/{}/definition", SESSION | PROJECT, library_document_definition},
    {"POST", "{}/{}/instances", SESSION | PROJECT, library_document_run},
    {"DELETE", "{}/{}/instances/{}", SESSION | PROJECT, library_report_delete},
    {"POST", "{}/{}/instances/{}/pdf", SESSION | PROJECT, library_document_pdf},
    {"GET", "{}/{}/instances/{}/pdf/{}", SESSION | PROJECT, library_document_result},
    {"POST", "{}/{}/instances/{}/excel", SESSION | PROJECT, library_document_excel},
    {"POST", "{}/{}/instances/{}/mstr", SESSION | PROJECT, library_document_mstr},
    {"POST", "{}/{}/instances/{}/visualizations/{}/csv", SESSION | PROJECT, library_document_chart_csv},
    {"POST", "{}/{}/instances/{}/visualizations/{}/pdf", SESSION | PROJECT, library_document_chart_pdf},
    {"POST", "metadataSearches/results", SESSION | PROJECT, library_search_begin},
    {"GET", "metadataSearches/results", SESSION | PROJECT, library_search_page},
    {"GET", "objects/{}", SESSION | PROJECT, library_object_get},
    {"POST", "datasets/models", SESSION | PROJECT, library_dataset_create},
    {"GET", "datasets/{}", SESSION | PROJECT, library_dataset_get},
    {"POST", "datasets/{}/uploadSessions", SESSION | PROJECT, library_upload_begin},
    {"PUT", "datasets/{}/uploadSessions/{}", SESSION | PROJECT, library_upload_chunk},
    {"DELETE", "datasets/{}/uploadSessions/{}", SESSION | PROJECT, library_upload_delete},
    {"POST", "datasets/{}/uploadSessions/{}/publish", SESSION | PROJECT, library_upload_publish},
    {"GET", "datasets/{}/uploadSessions/{}/publishStatus", SESSION | PROJECT, library_upload_status},
    {"POST", "model/changesets", SESSION | PROJECT, library_changeset_begin},
    {"POST", "model/changesets/{}/commit", SESSION, library_changeset_commit},
    {"DELETE", "model/changesets/{}", SESSION, library_changeset_delete},
    {"POST", "v2/cubes/{}", SESSION | PROJECT, library_cube_publish},
    {"GET", "cubes", SESSION | PROJECT, library_cubes_info},
    {"GET", "events", SESSION, library_events_list},
    {"POST", "events/{}/trigger", SESSION, library_event_trigger},
    {"GET", "subscriptions", SESSION | PROJECT, library_subscriptions_list},
    {"GET", "dependentSubscriptions", SESSION | PROJECT, library_subscriptions_dependent},
    {"POST", "v2/subscriptions/{}/send", SESSION | PROJECT, library_subscription_send},
    {"GET", "subscriptions/{}/status", SESSION | PROJECT, library_subscription_status},
    {"HEAD", "cubes/{}", SESSION | PROJECT, library_cube_status},
};

static void add_code(struct json_object *error, const char *key, int code)
{
    char text[16];
    const int digits = (int)sim_knob_int("mstr", "code_digits", code < 10 ? 3 : 4);
    snprintf(text, sizeof(text), "ERR%0*d", digits, code);
    json_object_object_add(error, key, json_object_new_string(text));
}

void library_error(struct sim_reply *reply, int status, int code, int64_t iserver, const char *message)
{
    char ticket[33];
    char name[64];
    char type[128];
    sim_random_text(ticket, 32, "0123456789abcdef");
    struct json_object *error = json_object_new_object();
    add_code(error, "code", code);
    json_object_object_add(error, "message", json_object_new_string(message));
    json_object_object_add(error, "ticketId", json_object_new_string(ticket));
    if (iserver)
        json_object_object_add(error, sim_knob_text("mstr", "iserver_key", "iServerCode", name, sizeof(name)),
                               json_object_new_int64(iserver));
    const char *sent = sim_knob_text("mstr", "error_content_type", "application/json", type, sizeof(type));
    sim_reply_set_header(reply, "Content-Type", sent);
    sim_reply_json(reply, status, error);
    sim_verdict(reply, "%s", message);
}

/* True if the path fits the pattern; the segments at its {} go to `arguments`. */
static bool fits(const char *pattern, const char *path, char arguments[LIBRARY_ARGUMENTS_MAX][128])
{
    size_t count = 0;
    while (*pattern && *path) {
        if (pattern[0] == '{') {
            size_t length = strcspn(path, "/");
            if (length == 0 || count == LIBRARY_ARGUMENTS_MAX)
                return false;
            snprintf(arguments[count++], 128, "%.*s", (int)length, path);
            path += length;
            pattern += 2;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return !*pattern && (!*path || !strcmp(path, "/"));
}

static const struct route *find_route(const char *path, const char *method, struct library_call *call, bool *known)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!fits(routes[i].path, path, call->arguments))
            continue;
        *known = true;
        if (!strcmp(routes[i].method, method))
            return &routes[i];
    }
    return NULL;
}

static bool admit(struct library_call *call, const struct route *route)
{
    if (route->needs & SESSION) {
        call->session = library_session_of(call->request, call->reply);
        if (!call->session)
            return false;
    }
    if (!(route->needs & PROJECT))
        return true;
    const char *id = sim_header(call->request, "X-MSTR-ProjectID");
    call->project = id ? library_project_with_id(id) : NULL;
    if (!id || !*id)
        library_error(call->reply, 400, 5, 0, "The header X-MSTR-ProjectID is missing.");
    else if (!call->project)
        library_error(call->reply, 400, 6, 0, "The header X-MSTR-ProjectID names no project.");
    return call->project != NULL;
}

/* Keeps the members that the query "fields" names; objects of a list each. */
static void select_fields(struct json_object *value, const char *fields)
{
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            select_fields(json_object_array_get_idx(value, i), fields);
        return;
    }
    if (!json_object_is_type(value, json_type_object))
        return;
    struct json_object_iterator at = json_object_iter_begin(value);
    struct json_object_iterator end = json_object_iter_end(value);
    struct json_object *unwanted = json_object_new_array();
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        const char *found = strstr(fields, name);
        size_t length = strlen(name);
        if (!found || (found != fields && found[-1] != ',') || (found[length] && found[length] != ','))
            json_object_array_add(unwanted, json_object_new_string(name));
    }
    for (size_t i = 0; i < json_object_array_length(unwanted); i++)
        json_object_object_del(value, json_object_get_string(json_object_array_get_idx(unwanted, i)));
    json_object_put(unwanted);
}

static void apply_fields(struct library_call *call)
{
    const char *fields = sim_query(call->request, "fields");
    bool dataset = sim_path_after(call->request, LIBRARY_API "datasets/") != NULL; /* whose fields are others */
    if (!fields || !*fields || *fields == '-' || dataset || call->reply->status >= 300)
        return;
    struct json_object *value = json_parse(buffer_text(&call->reply->body), call->reply->body.length);
    if (!value)
        return;
    select_fields(value, fields);
    sim_reply_json(call->reply, call->reply->status, value);
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    struct library_call call = {.request = request, .reply = reply};
    const char *path = sim_path_after(request, LIBRARY_API);
    if (!path) {
        sim_reply_text(reply, 404, "text/html;charset=utf-8", "<html><body><h1>HTTP Status 404</h1></body></html>\n");
        sim_verdict(reply, "outside " LIBRARY_API);
        return;
    }
    sim_reply_header(reply, "Server", "MicroStrategy");
    sim_reply_header(reply, "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
    bool known = false;
    const struct route *route = find_route(path, request->method, &call, &known);
    if (!route && known)
        library_error(reply, 405, 1, 0, "HTTP 405 Method Not Allowed");
    else if (!route)
        library_error(reply, 404, 4, 0, "HTTP 404 Not Found");
    else if (admit(&call, route))
        route->run(&call);
    apply_fields(&call);
    reply->chunked = sim_knob_bool("mstr", "chunked", false);
}

static bool load(struct json_object *section, struct buffer *why)
{
    if (!json_object_is_type(json_member(section, "users"), json_type_array)) {
        buffer_puts(why, "mstr.users is no list");
        return false;
    }
    library_auth_unload();
    library_changesets_unload();
    library_datasets_unload();
    library_searches_unload();
    library_users_load(section);
    library_projects_load(section);
    library_reports_load(section);
    return true;
}

static void admin(const char *verb, struct json_object *arguments, struct sim_reply *reply)
{
    if (!strcmp(verb, "sessions/expire")) {
        size_t count = library_sessions_expire(json_member_text(arguments, "user"));
        struct json_object *result = json_object_new_object();
        json_object_object_add(result, "expired", json_object_new_int64((int64_t)count));
        sim_reply_json(reply, 200, result);
    } else if (!strcmp(verb, "users/password")) {
        const char *name = json_member_text(arguments, "user");
        const char *password = json_member_text(arguments, "password");
        struct json_object *user = name ? library_user_named(name) : NULL;
        if (user && password) {
            json_object_object_add(user, "password", json_object_new_string(password));
            reply->status = 204;
        }
    }
}

static struct json_object *state(void)
{
    struct json_object *all = json_object_new_object();
    json_object_object_add(all, "sessions", library_sessions_state());
    library_datasets_state(all);
    return all;
}

static void unload(void)
{
    library_auth_unload();
    library_changesets_unload();
    library_datasets_unload();
    library_searches_unload();
    library_users_unload();
}

const struct sim_service sim_mstr = {"mstr", LIBRARY_API, load, handle, admin, state, unload};
