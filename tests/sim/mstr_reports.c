/* SPDX-License-Identifier: Apache-2.0 */
/* Reports and cubes in their v2 form: instances in the working set of a session, paging, asynchronous execution. */
#include "mstr.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_ID     "8D679D3711D3E4981000E787EC6DE8A4"
#define REVENUE_ID "4C05177011D3E877C000B3B2D86C964F"

enum { PAGE_DEFAULT = 1000, STATUS_RUNNING = 4, STATUS_READY = 1, STATUS_PROMPTED = 2 };

static struct json_object *section;

void library_reports_load(struct json_object *seed)
{
    section = seed;
}

struct json_object *library_reports_list(const char *kind)
{
    static const char *const kinds[] = {"reports", "cubes", "documents", "datasets", "events", "subscriptions"};
    if (!strcmp(kind, "dossiers"))
        kind = "documents";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (!strcmp(kind, kinds[i]))
            return json_member(section, kind);
    return NULL;
}

struct json_object *library_report_find(struct library_call *call)
{
    struct json_object *list = library_reports_list(call->arguments[0]);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *report = json_object_array_get_idx(list, i);
        const char *id = json_member_text(report, "id");
        if (id && text_equal_nocase(id, call->arguments[1]))
            return report;
    }
    library_error(call->reply, 404, 4, LIBRARY_OBJECT_MISSING, "The object is not found in the metadata.");
    return NULL;
}

struct library_instance *library_instance_find(struct library_call *call)
{
    for (size_t i = 0; i < call->session->instance_count; i++)
        if (!strcmp(call->session->instances[i].id, call->arguments[2]))
            return &call->session->instances[i];
    library_error(call->reply, 404, 4, LIBRARY_INSTANCE_GONE, "The message is not found or has expired.");
    return NULL;
}

static void forget_instance(struct library_session *session, size_t i)
{
    json_object_put(session->instances[i].body);
    json_object_put(session->instances[i].prompts);
    json_object_put(session->instances[i].chosen);
    session->instance_count--;
    memmove(&session->instances[i], &session->instances[i + 1],
            (session->instance_count - i) * sizeof(session->instances[0]));
}

void library_instances_forget(struct library_session *session)
{
    while (session->instance_count > 0)
        forget_instance(session, 0);
}

/* A new instance; the oldest makes room when the working set is full. */
static struct library_instance *add_instance(struct library_session *session, struct json_object *report,
                                             struct json_object *body)
{
    if ((int64_t)session->instance_count >= session->working_set)
        forget_instance(session, 0);
    struct library_instance *instance = &session->instances[session->instance_count++];
    *instance = (struct library_instance){.report = report, .body = body, .prompts = library_prompts_open(report)};
    sim_random_text(instance->id, LIBRARY_ID_LENGTH, "0123456789ABCDEF");
    return instance;
}

static struct json_object *texts(const char *first)
{
    struct json_object *list = json_object_new_array();
    json_object_array_add(list, json_object_new_string(first));
    return list;
}

static struct json_object *numbers(int64_t first)
{
    struct json_object *list = json_object_new_array();
    json_object_array_add(list, json_object_new_int64(first));
    return list;
}

static struct json_object *named(const char *name, const char *id, const char *type)
{
    struct json_object *object = json_object_new_object();
    json_object_object_add(object, "name", json_object_new_string(name));
    json_object_object_add(object, "id", json_object_new_string(id));
    json_object_object_add(object, "type", json_object_new_string(type));
    return object;
}

/* One attribute down the rows, whose elements are those of this page, and one metric. */
static struct json_object *make_grid(int64_t offset, int64_t count)
{
    struct json_object *elements = json_object_new_array();
    for (int64_t row = offset; row < offset + count; row++) {
        char text[64];
        struct json_object *element = json_object_new_object();
        snprintf(text, sizeof(text), "Row %lld", (long long)row);
        json_object_object_add(element, "formValues", texts(text));
        snprintf(text, sizeof(text), "h%lld;%s", (long long)row, ROW_ID);
        json_object_object_add(element, "id", json_object_new_string(text));
        json_object_array_add(elements, element);
    }
    struct json_object *attribute = named("Row", ROW_ID, "attribute");
    json_object_object_add(attribute, "elements", elements);
    struct json_object *metrics = named("Metrics", "00000000000000000000000000000000", "templateMetrics");
    struct json_object *metric_list = json_object_new_array();
    json_object_array_add(metric_list, named("Revenue", REVENUE_ID, "metric"));
    json_object_object_add(metrics, "elements", metric_list);

    struct json_object *grid = json_object_new_object();
    struct json_object *rows = json_object_new_array();
    struct json_object *columns = json_object_new_array();
    json_object_array_add(rows, attribute);
    json_object_array_add(columns, metrics);
    json_object_object_add(grid, "crossTab", json_object_new_boolean(false));
    json_object_object_add(grid, "rows", rows);
    json_object_object_add(grid, "columns", columns);
    json_object_object_add(grid, "pageBy", json_object_new_array());
    return grid;
}

static struct json_object *make_data(int64_t total, int64_t offset, int64_t limit, int64_t count)
{
    struct json_object *rows = json_object_new_array();
    struct json_object *raw = json_object_new_array();
    struct json_object *formatted = json_object_new_array();
    for (int64_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof(text), "$%lld.50", (long long)(offset + i));
        json_object_array_add(rows, numbers(i));
        struct json_object *values = json_object_new_array();
        json_object_array_add(values, json_object_new_double((double)(offset + i) + 0.5));
        json_object_array_add(raw, values);
        json_object_array_add(formatted, texts(text));
    }
    struct json_object *paging = json_object_new_object();
    json_object_object_add(paging, "total", json_object_new_int64(total));
    json_object_object_add(paging, "current", json_object_new_int64(count));
    json_object_object_add(paging, "offset", json_object_new_int64(offset));
    json_object_object_add(paging, "limit", json_object_new_int64(limit));
    struct json_object *headers = json_object_new_object();
    struct json_object *columns = json_object_new_array();
    json_object_array_add(columns, numbers(0));
    json_object_object_add(headers, "rows", rows);
    json_object_object_add(headers, "columns", columns);
    struct json_object *values = json_object_new_object();
    json_object_object_add(values, "raw", raw);
    json_object_object_add(values, "formatted", formatted);
    struct json_object *data = json_object_new_object();
    json_object_object_add(data, "paging", paging);
    json_object_object_add(data, "headers", headers);
    json_object_object_add(data, "metricValues", values);
    return data;
}

static void put_names(struct json_object *result, struct json_object *report)
{
    json_object_object_add(result, "name", json_object_new_string(json_member_text(report, "name")));
    json_object_object_add(result, "id", json_object_new_string(json_member_text(report, "id")));
}

/* What a report of rows is, with the elements of so many of them. */
static struct json_object *make_definition(int64_t offset, int64_t count)
{
    struct json_object *definition = json_object_new_object();
    struct json_object *grid = make_grid(offset, count);
    struct json_object *available = json_object_new_object();
    struct json_object *attributes = json_object_new_array();
    struct json_object *forms = json_object_new_array();
    struct json_object *attribute = named("Row", ROW_ID, "attribute");
    struct json_object *metrics = json_object_new_array();
    json_object_array_add(forms, named("ID", "45C11FA478E745FEA08D781CEA190FE5", "text"));
    json_object_object_add(attribute, "forms", forms);
    json_object_array_add(attributes, attribute);
    json_object_array_add(metrics, named("Revenue", REVENUE_ID, "metric"));
    json_object_object_add(available, "attributes", attributes);
    json_object_object_add(available, "metrics", metrics);
    json_object_object_add(definition, "grid", grid);
    json_object_object_add(definition, "availableObjects", available);
    return definition;
}

void library_report_get(struct library_call *call)
{
    struct json_object *report = library_report_find(call);
    if (!report)
        return;
    struct json_object *result = json_object_new_object();
    put_names(result, report);
    json_object_object_add(result, "definition",
                           json_member(report, "facts") ? library_grid_definition(report) : make_definition(0, 0));
    sim_reply_json(call->reply, 200, result);
}

/* Leaves out what the query "fields" excludes; it takes nothing else here. */
static void exclude_fields(struct library_call *call, struct json_object *result)
{
    static const char *const names[] = {"raw", "formatted", "extras"};
    const char *fields = sim_query(call->request, "fields");
    struct json_object *values = json_member(json_member(result, "data"), "metricValues");
    for (size_t i = 0; fields && i < sizeof(names) / sizeof(*names); i++) {
        char rule[64];
        snprintf(rule, sizeof(rule), "-data.metricValues.%s", names[i]);
        if (strstr(fields, rule))
            json_object_object_del(values, names[i]);
    }
}

static struct json_object *page_of_rows(struct json_object *report, int64_t offset, int64_t limit)
{
    int64_t total = 0;
    json_member_int64(report, "rows", &total);
    total = sim_flag(report, "sized") ? sim_knob_int("mstr", "report_rows", total) : total;
    int64_t count = offset < total ? total - offset : 0;
    if (limit > 0 && count > limit)
        count = limit;
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "definition", make_definition(offset, count));
    json_object_object_add(result, "data", make_data(total, offset, limit, count));
    return result;
}

static void answer_page(struct library_call *call, struct library_instance *instance)
{
    int64_t offset = sim_query_int(call->request, "offset", 0);
    int64_t limit = sim_query_int(call->request, "limit", PAGE_DEFAULT);
    if (offset < 0 || limit < -1 || limit == 0) {
        library_error(call->reply, 400, 6, 0, "offset or limit is out of range.");
        return;
    }
    struct json_object *result = json_member(instance->report, "facts")
                                     ? library_grid_page(instance, offset, limit)
                                     : page_of_rows(instance->report, offset, limit);
    put_names(result, instance->report);
    exclude_fields(call, result);
    json_object_object_add(result, "instanceId", json_object_new_string(instance->id));
    json_object_object_add(result, "status", json_object_new_int(STATUS_READY));
    sim_reply_json(call->reply, 200, result);
}

static bool is_prompted(const struct library_instance *instance)
{
    return json_object_array_length(instance->prompts) > 0;
}

static void answer_status(struct library_call *call, const struct library_instance *instance, int http, int status)
{
    char text[12];
    snprintf(text, sizeof(text), "%d", status);
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "id", json_object_new_string(json_member_text(instance->report, "id")));
    json_object_object_add(result, "instanceId", json_object_new_string(instance->id));
    json_object_object_add(result, "status", json_object_new_int(status));
    sim_reply_header(call->reply, "X-MSTR-IStatus", text);
    sim_reply_json(call->reply, http, result);
}

bool library_refused(struct library_call *call, struct json_object *object)
{
    struct json_object *refused = json_member(object, "error");
    int64_t http = 500;
    int64_t code = 2;
    int64_t iserver = 0;
    json_member_int64(refused, "http", &http);
    json_member_int64(refused, "code", &code);
    json_member_int64(refused, "iserver", &iserver);
    if (refused)
        library_error(call->reply, (int)http, (int)code, iserver, json_member_text(refused, "message"));
    return refused != NULL;
}

/* That of a document is named by "mid". */
void library_instance_make(struct library_call *call, struct json_object *document)
{
    if (library_refused(call, document))
        return;
    struct library_instance *instance = add_instance(call->session, document, sim_body_json(call->request));
    bool running = json_member_int64(document, "polls", &instance->polls);
    int64_t failed = 0;
    struct json_object *result = json_object_new_object();
    json_member_int64(document, "status", &failed);
    sim_put(result, "mid", instance->id);
    sim_put_int(result, "status",
                failed                  ? failed
                : is_prompted(instance) ? STATUS_PROMPTED
                : running               ? STATUS_RUNNING
                                        : STATUS_READY);
    sim_reply_json(call->reply, 201, result);
}

void library_report_run(struct library_call *call)
{
    struct json_object *report = library_report_find(call);
    if (!report || library_refused(call, report))
        return;
    struct library_instance *instance = add_instance(call->session, report, sim_body_json(call->request));
    const char *prefer = sim_header(call->request, "Prefer");
    int64_t latency = 0;
    json_member_int64(report, "latency_ms", &latency);
    if (is_prompted(instance)) {
        answer_status(call, instance, 200, STATUS_PROMPTED);
    } else if (prefer && !strcmp(prefer, "respond-async") && json_member_int64(report, "polls", &instance->polls)) {
        answer_status(call, instance, 202, STATUS_RUNNING);
    } else {
        call->reply->delay_ms = (unsigned)latency;
        answer_page(call, instance);
    }
}

void library_report_data(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    if (!instance)
        return;
    if (is_prompted(instance))
        answer_status(call, instance, 200, STATUS_PROMPTED);
    else if (instance->polls > 0)
        answer_status(call, instance, 202, STATUS_RUNNING);
    else
        answer_page(call, instance);
}

void library_report_status(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    char text[24];
    if (!instance)
        return;
    if (instance->polls == 0) {
        answer_status(call, instance, 200, is_prompted(instance) ? STATUS_PROMPTED : STATUS_READY);
        return;
    }
    instance->polls--;
    snprintf(text, sizeof(text), "%lld", (long long)sim_knob_int("mstr", "retry_after", 1));
    sim_reply_header(call->reply, "Retry-After", text);
    answer_status(call, instance, 202, STATUS_RUNNING);
}

void library_report_delete(struct library_call *call)
{
    const struct library_instance *instance = library_instance_find(call);
    if (!instance)
        return;
    forget_instance(call->session, (size_t)(instance - call->session->instances));
    call->reply->status = 204;
}

/* A new page of the page-by, in the same instance; its id may be another one then. */
void library_report_turn(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    struct json_object *body = sim_body_json(call->request);
    struct json_object *wanted = json_member(body, "currentPageBy");
    if (instance && wanted && !library_grid_turn(instance, wanted)) {
        library_error(call->reply, 400, 6, 0, "currentPageBy is no combination with data.");
    } else if (instance) {
        if (sim_knob_bool("mstr", "turn_renames", false))
            sim_random_text(instance->id, LIBRARY_ID_LENGTH, "0123456789ABCDEF");
        answer_page(call, instance);
    }
    json_object_put(body);
}

void library_report_page_by(struct library_call *call)
{
    const struct library_instance *instance = library_instance_find(call);
    int64_t limit = sim_query_int(call->request, "limit", 50);
    int64_t most = sim_knob_int("mstr", "page_by_window", 1000);
    if (!instance)
        return;
    if (is_prompted(instance))
        library_error(call->reply, 400, 10, 0, "The report has prompts that are not answered.");
    else if (limit < 1)
        library_error(call->reply, 400, 6, 0, "limit is out of range.");
    else
        sim_reply_json(
            call->reply, 200,
            library_grid_page_by(instance, sim_query_int(call->request, "offset", 0), limit < most ? limit : most));
}
