/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datasets that are pushed: their model, upload sessions with chunks by index, publication. The knobs "chunk_limit"
 * (octets of a request), "publish_polls" (how often the status is still 6) and "publish_status" (what it is in the
 * end; 6 = never ends) bend it; GET /state shows open uploads, and the rows that were published.
 */
#include "mstr.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_READY = 1, STATUS_WORKING = 6 };

static struct json_object *uploads; /* id → {dataset, table, chunks: {index → rows}, polls} */

void library_datasets_unload(void)
{
    json_object_put(uploads);
    uploads = NULL;
}

/* The id's own 32 digits. */
static void make_id(char id[LIBRARY_ID_LENGTH + 1])
{
    sim_random_text(id, LIBRARY_ID_LENGTH, "0123456789ABCDEF");
    id[LIBRARY_ID_LENGTH] = '\0';
}

static struct json_object *find_dataset(struct library_call *call)
{
    struct json_object *dataset = sim_find(library_reports_list("datasets"), "id", call->arguments[0]);
    if (!dataset)
        library_error(call->reply, 404, 4, LIBRARY_OBJECT_MISSING, "The dataset is not found in the metadata.");
    return dataset;
}

static bool has_column(struct json_object *tables, const char *table, const char *column)
{
    return sim_find(json_member(sim_find(tables, "name", table), "columnHeaders"), "name", column) != NULL;
}

/* Whether each expression of a list names a column of the tables. */
static bool fits(struct json_object *tables, struct json_object *holders)
{
    for (size_t i = 0; i < sim_length(holders); i++) {
        struct json_object *expression = sim_at(json_member(sim_at(holders, i), "expressions"), 0);
        if (!has_column(tables, sim_text_of(expression, "tableName"), sim_text_of(expression, "columnName")))
            return false;
    }
    return true;
}

static const char *model_fault(struct json_object *model)
{
    static const char types[] = " STRING INTEGER BIGINTEGER BOOL DOUBLE BIGDECIMAL DATE TIME DATETIME ";
    struct json_object *tables = json_member(model, "tables");
    struct json_object *columns = json_member(sim_at(tables, 0), "columnHeaders");
    struct json_object *attributes = json_member(model, "attributes");
    for (size_t i = 0; i < sim_length(columns); i++) {
        char type[32];
        snprintf(type, sizeof(type), " %s ", sim_text_of(sim_at(columns, i), "dataType"));
        if (!strstr(types, type))
            return "A column has no such data type.";
    }
    for (size_t i = 0; i < sim_length(attributes); i++)
        if (!fits(tables, json_member(sim_at(attributes, i), "attributeForms")))
            return "An attribute form names no column.";
    if (!fits(tables, json_member(model, "metrics")))
        return "A metric names no column.";
    return *sim_text_of(model, "name") && sim_length(columns) > 0 ? NULL : "The model has no name or no column.";
}

void library_dataset_create(struct library_call *call)
{
    struct json_object *model = sim_body_json(call->request);
    const char *fault = model_fault(model);
    char id[LIBRARY_ID_LENGTH + 1];
    if (fault) {
        library_error(call->reply, 400, 6, 0, fault);
        json_object_put(model);
        return;
    }
    make_id(id);
    sim_put(model, "id", id);
    struct json_object *result = json_object_new_object();
    sim_put(result, "id", id);
    sim_put(result, "name", sim_text_of(model, "name"));
    json_object_array_add(library_reports_list("datasets"), model);
    sim_count("mstr", "datasets");
    sim_reply_json(call->reply, 200, result);
}

void library_dataset_get(struct library_call *call)
{
    struct json_object *dataset = find_dataset(call);
    if (!dataset)
        return;
    struct json_object *result = json_object_new_object();
    struct json_object *inner = json_object_new_object();
    struct json_object *definition = json_object_new_object();
    struct json_object *available = json_object_new_object();
    json_object_object_add(available, "tables", json_object_get(json_member(dataset, "tables")));
    json_object_object_add(definition, "availableObjects", available);
    json_object_object_add(inner, "definition", definition);
    sim_put(result, "id", sim_text_of(dataset, "id"));
    sim_put(result, "name", sim_text_of(dataset, "name"));
    json_object_object_add(result, "result", inner);
    sim_reply_json(call->reply, 200, result);
}

/* --- upload sessions -------------------------------------------------------------------------------------------- */

static bool is_open(const char *dataset)
{
    if (!uploads)
        return false;
    json_object_object_foreach(uploads, id, upload)
    {
        (void)id;
        if (!strcmp(sim_text_of(upload, "dataset"), dataset))
            return true;
    }
    return false;
}

void library_upload_begin(struct library_call *call)
{
    struct json_object *dataset = find_dataset(call);
    if (!dataset || library_refused(call, dataset))
        return;
    struct json_object *body = sim_body_json(call->request);
    struct json_object *table = sim_at(json_member(body, "tables"), 0);
    struct json_object *columns = json_member(table, "columnHeaders");
    bool good = sim_find(json_member(dataset, "tables"), "name", sim_text_of(table, "name")) != NULL;
    for (size_t i = 0; i < sim_length(columns); i++)
        good = good && has_column(json_member(dataset, "tables"), sim_text_of(table, "name"),
                                  json_object_get_string(sim_at(columns, i)));
    if (is_open(call->arguments[0])) {
        library_error(call->reply, 400, 6, 0, "Another upload session of the dataset is open.");
    } else if (!good || sim_length(columns) == 0) {
        library_error(call->reply, 400, 6, 0, "The dataset has no such table or column.");
    } else {
        char id[LIBRARY_ID_LENGTH + 1];
        struct json_object *result = json_object_new_object();
        struct json_object *upload = json_object_new_object();
        make_id(id);
        sim_put(upload, "dataset", call->arguments[0]);
        json_object_object_add(upload, "table", json_object_get(table));
        json_object_object_add(upload, "chunks", json_object_new_object());
        uploads = uploads ? uploads : json_object_new_object();
        json_object_object_add(uploads, id, upload);
        sim_put(result, "uploadSessionId", id);
        sim_reply_json(call->reply, 200, result);
    }
    json_object_put(body);
}

static struct json_object *find_upload(struct library_call *call)
{
    struct json_object *upload = uploads ? json_member(uploads, call->arguments[1]) : NULL;
    if (!upload)
        library_error(call->reply, 404, 4, 0, "There is no such upload session.");
    return upload;
}

/* The rows of a chunk; NULL where they are none, or of another width. */
static struct json_object *read_rows(struct json_object *body, size_t width)
{
    struct buffer text = BUFFER_INIT;
    const char *data = sim_text_of(body, "data");
    struct json_object *rows = NULL;
    if (base64_decode(&text, data, strlen(data)))
        rows = json_parse(buffer_text(&text), text.length);
    bool good = json_object_is_type(rows, json_type_array);
    for (size_t i = 0; good && i < sim_length(rows); i++)
        good = sim_length(sim_at(rows, i)) == width;
    buffer_release(&text);
    if (!good) {
        json_object_put(rows);
        return NULL;
    }
    return rows;
}

void library_upload_chunk(struct library_call *call)
{
    struct json_object *upload = find_upload(call);
    if (!upload)
        return;
    struct json_object *table = json_member(upload, "table");
    struct json_object *body = sim_body_json(call->request);
    struct json_object *rows = read_rows(body, sim_length(json_member(table, "columnHeaders")));
    struct json_object *index = json_member(body, "index");
    struct json_object *chunks = json_member(upload, "chunks");
    const char *key = index ? json_object_get_string(index) : "";
    if ((int64_t)call->request->body.length > sim_knob_int("mstr", "chunk_limit", INT64_MAX)) {
        sim_reply_text(call->reply, 413, "text/html", "<html><body>413 Request Entity Too Large</body></html>");
    } else if (!rows || strtol(key, NULL, 10) < 1 ||
               strcmp(sim_text_of(body, "tableName"), sim_text_of(table, "name")) != 0) {
        library_error(call->reply, 400, 6, 0, "The chunk has no rows of this table, or no index.");
    } else {
        sim_count("mstr", json_object_object_get_ex(chunks, key, NULL) ? "chunks_repeated" : "chunks");
        json_object_object_add(chunks, key, json_object_get(rows));
        sim_reply_text(call->reply, 200, "application/json", "{}");
    }
    json_object_put(rows);
    json_object_put(body);
}

void library_upload_publish(struct library_call *call)
{
    struct json_object *upload = find_upload(call);
    if (!upload)
        return;
    sim_put_int(upload, "polls", sim_knob_int("mstr", "publish_polls", 1));
    sim_reply_text(call->reply, 200, "application/json", "{}");
}

/* The chunks in the order of their indexes become rows of the dataset. */
static void take_rows(struct json_object *upload)
{
    struct json_object *dataset = sim_find(library_reports_list("datasets"), "id", sim_text_of(upload, "dataset"));
    struct json_object *chunks = json_member(upload, "chunks");
    struct json_object *rows = json_member(dataset, "data");
    if (!rows || text_equal_nocase(sim_text_of(json_member(upload, "table"), "updatePolicy"), "replace")) {
        rows = json_object_new_array();
        json_object_object_add(dataset, "data", rows);
    }
    for (int index = 1;; index++) {
        char key[16];
        snprintf(key, sizeof(key), "%d", index);
        struct json_object *chunk = json_member(chunks, key);
        if (!chunk)
            return;
        for (size_t i = 0; i < sim_length(chunk); i++)
            json_object_array_add(rows, json_object_get(sim_at(chunk, i)));
    }
}

void library_upload_status(struct library_call *call)
{
    struct json_object *upload = find_upload(call);
    int64_t polls = 0;
    char text[24];
    if (!upload)
        return;
    int64_t status = sim_knob_int("mstr", "publish_status", STATUS_READY);
    if (!json_member_int64(upload, "polls", &polls)) {
        library_error(call->reply, 400, 6, 0, "Nothing is being published.");
        return;
    }
    if (polls > 0) {
        sim_put_int(upload, "polls", polls - 1);
        status = STATUS_WORKING;
    }
    if (status == STATUS_READY)
        take_rows(upload);
    snprintf(text, sizeof(text), "%lld", (long long)status);
    struct json_object *result = json_object_new_object();
    sim_put(result, "uploadSessionId", call->arguments[1]);
    sim_put(result, "status", text);
    sim_put(result, "message",
            status == STATUS_READY || status == STATUS_WORKING ? "" : "The column C does not fit.");
    sim_reply_json(call->reply, 200, result);
}

void library_upload_delete(struct library_call *call)
{
    if (find_upload(call)) {
        json_object_object_del(uploads, call->arguments[1]);
        sim_reply_text(call->reply, 200, "application/json", "{}");
    }
}

void library_datasets_state(struct json_object *state)
{
    struct json_object *open = json_object_new_array();
    struct json_object *list = json_object_new_array();
    struct json_object *datasets = library_reports_list("datasets");
    if (uploads) {
        json_object_object_foreach(uploads, id, upload)
        {
            (void)upload;
            json_object_array_add(open, json_object_new_string(id));
        }
    }
    for (size_t i = 0; i < sim_length(datasets); i++)
        json_object_array_add(list, json_object_get(sim_at(datasets, i)));
    json_object_object_add(state, "uploads", open);
    json_object_object_add(state, "datasets", list);
}
