/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: the dataset, its upload session, rows, publication. */
#include <mstr/upload.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "session/session.h"
#include "session/table/object.h"
#include "session/table/report.h"
#include "session/upload/chunks.h"
#include "session/upload/model.h"
#include "session/upload/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 8 * 1024 * 1024,
    CHUNK_LEAST = 1024,
    PAUSE_FIRST = 1000, /* ms; grows by half up to PAUSE_MAX */
    PAUSE_MAX = 10000,
    PUBLISH_MAX = 6 * 60 * 60 * 1000,
    DELETE_TIMEOUT = 5000,
    PATH_LENGTH = 3 * REPORT_ID_MAX
};

/* Statuses of a publication; those up to the last known one that are neither good nor bad mean that it goes on. */
enum { STATUS_READY = 1, STATUS_PROMPTED = 2, STATUS_FAILED = 3, STATUS_REQUEST_FAILED = 18, STATUS_LAST = 24 };

struct mstr_upload {
    mstr_session *session;
    char *project;
    char *table;
    char dataset[REPORT_ID_MAX];
    char path[PATH_LENGTH]; /* of the upload session; "" = there is none */
    enum mstr_upload_type *types;
    char **names; /* of the columns */
    size_t count;
    struct chunks chunks;
    struct buffer row;
    int64_t taken; /* rows */
    bool over;     /* published, or on its way */
    mstr_cancel *cancel;
    mstr_error *told; /* the failure that stays */
};

static enum mstr_code no_memory(mstr_error *error)
{
    return error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* --- calls -------------------------------------------------------------------------------------------------------
 */

/* Sends, and reads the answer's JSON, to be released. */
static enum mstr_code ask(const mstr_upload *upload, const char *method, const char *path, const char *body,
                          const mstr_call_options *call, struct json_object **out, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *answer = NULL;
    size_t length = 0;
    request.method = method;
    request.path = path;
    request.project = upload->project;
    request.body = body;
    request.body_length = body != NULL ? strlen(body) : 0;
    request.call = call;
    enum mstr_code code = mstr_session_send(upload->session, &request, &answer, error);
    const char *text = code == MSTR_OK ? mstr_response_body(answer, &length) : "";
    if (code == MSTR_OK && out != NULL && json_read(text, length, out) == MSTR_E_MEMORY) {
        code = no_memory(error);
    }
    mstr_response_free(answer);
    return code;
}

/* The id that an answer names. */
static enum mstr_code take_id(struct json_object *answer, const char *name, const char *what, char id[REPORT_ID_MAX],
                              mstr_error *error)
{
    const char *text = json_member_text(answer, name);
    if (!report_is_id(text)) {
        return error_set(error, MSTR_E_PROTOCOL, "the server's answer names no %s", what);
    }
    memcpy(id, text, strlen(text) + 1);
    return MSTR_OK;
}

static enum mstr_code make_dataset(mstr_upload *upload, const mstr_upload_options *options, mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct json_object *answer = NULL;
    model_put(&body, options, upload->table);
    enum mstr_code code =
        body.failed ? no_memory(error)
                    : ask(upload, "POST", "datasets/models", buffer_text(&body), options->call, &answer, error);
    code = code == MSTR_OK ? take_id(answer, "id", "dataset", upload->dataset, error) : code;
    json_release(answer);
    buffer_release(&body);
    return code;
}

/* The table of a dataset that has one. */
static enum mstr_code find_table(mstr_upload *upload, const mstr_upload_options *options, mstr_error *error)
{
    struct json_object *answer = NULL;
    char path[PATH_LENGTH];
    snprintf(path, sizeof(path), "datasets/%s?fields=tables", upload->dataset);
    enum mstr_code code = ask(upload, "GET", path, NULL, options->call, &answer, error);
    struct json_object *tables = json_at(answer, "/result/definition/availableObjects/tables");
    tables = tables != NULL ? tables : json_member(answer, "tables");
    bool one = json_object_is_type(tables, json_type_array) && json_object_array_length(tables) == 1;
    const char *name = one ? json_member_text(json_object_array_get_idx(tables, 0), "name") : NULL;
    if (code == MSTR_OK && name == NULL) {
        code = error_set(error, MSTR_E_USAGE, "which of the tables of %s is meant must be said", upload->dataset);
    } else if (code == MSTR_OK) {
        upload->table = text_copy(name);
        code = upload->table != NULL ? MSTR_OK : no_memory(error);
    }
    json_release(answer);
    return code;
}

/* The dataset of the options: found, or made. `error` is never NULL. */
static enum mstr_code find_dataset(mstr_upload *upload, const mstr_upload_options *options, mstr_error *error)
{
    enum mstr_code code = object_find(upload->session, OBJECT_DATASET, options->dataset, upload->project,
                                      options->call, upload->dataset, error);
    bool make = code == MSTR_E_NOT_FOUND && (options->flags & MSTR_UPLOAD_CREATE) != 0;
    if (!make) {
        return code == MSTR_OK && upload->table == NULL ? find_table(upload, options, error) : code;
    }
    mstr_error_clear(error);
    if (upload->table == NULL) {
        upload->table = text_copy(options->dataset);
    }
    return upload->table != NULL ? make_dataset(upload, options, error) : no_memory(error);
}

static enum mstr_code open_session(mstr_upload *upload, const mstr_upload_options *options, mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct json_object *answer = NULL;
    char path[PATH_LENGTH];
    char id[REPORT_ID_MAX];
    snprintf(path, sizeof(path), "datasets/%s/uploadSessions", upload->dataset);
    model_put_session(&body, options, upload->table);
    enum mstr_code code =
        body.failed ? no_memory(error) : ask(upload, "POST", path, buffer_text(&body), options->call, &answer, error);
    code = code == MSTR_OK ? take_id(answer, "uploadSessionId", "upload session", id, error) : code;
    if (code == MSTR_OK) {
        snprintf(upload->path, sizeof(upload->path), "datasets/%s/uploadSessions/%s", upload->dataset, id);
        upload->chunks.path = upload->path;
        upload->chunks.table = upload->table;
    }
    json_release(answer);
    buffer_release(&body);
    return code;
}

/* Also after a cancellation: what is left there keeps others from uploading. */
static void delete_session(mstr_upload *upload)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_error *own = mstr_error_new();
    call.timeout = DELETE_TIMEOUT;
    if (upload->path[0] != '\0' && ask(upload, "DELETE", upload->path, NULL, &call, NULL, own) != MSTR_OK) {
        log_write(context_log(upload->session->context), MSTR_LEVEL_WARN, "session",
                  "the upload session was not deleted: %s", mstr_error_message(own));
    }
    upload->path[0] = '\0';
    mstr_error_free(own);
}

/* --- beginning ---------------------------------------------------------------------------------------------------
 */

static bool copy_columns(mstr_upload *upload, const mstr_upload_options *options)
{
    upload->types = calloc(options->column_count, sizeof(*upload->types));
    upload->names = calloc(options->column_count, sizeof(*upload->names));
    for (size_t i = 0; upload->types != NULL && upload->names != NULL && i < options->column_count; i++) {
        upload->types[i] = model_column(options, i)->type;
        upload->names[i] = text_copy(model_column(options, i)->name);
        upload->count++;
        if (upload->names[i] == NULL) {
            return false;
        }
    }
    return upload->types != NULL && upload->names != NULL;
}

static bool copy_options(mstr_upload *upload, mstr_session *session, const mstr_upload_options *options)
{
    upload->session = session;
    upload->told = mstr_error_new();
    upload->project = options->project != NULL ? text_copy(options->project) : NULL;
    upload->table = options->table != NULL ? text_copy(options->table) : NULL;
    upload->cancel = options->call != NULL ? options->call->cancel : NULL;
    upload->chunks.session = session;
    upload->chunks.project = upload->project;
    upload->chunks.cancel = upload->cancel;
    upload->chunks.room = options->chunk > 0 ? options->chunk : CHUNK;
    return upload->told != NULL && (options->project == NULL || upload->project != NULL) &&
           (options->table == NULL || upload->table != NULL) && copy_columns(upload, options);
}

static enum mstr_code check_columns(const mstr_upload_options *options, mstr_error *error)
{
    if (options->columns == NULL || options->column_count == 0 ||
        options->column_size < offsetof(mstr_upload_column, form) + sizeof(const char *)) {
        return error_set(error, MSTR_E_USAGE, "an upload needs columns");
    }
    for (size_t i = 0; i < options->column_count; i++) {
        const mstr_upload_column *column = model_column(options, i);
        const struct given_number numbers[] = {
            {"type", (int64_t)column->type, MSTR_UPLOAD_STRING, MSTR_UPLOAD_DATETIME},
            {"role", (int64_t)column->role, MSTR_UPLOAD_BY_TYPE, MSTR_UPLOAD_METRIC}};
        if (given_numbers("a column was", numbers, 2, error) != MSTR_OK) {
            return MSTR_E_USAGE;
        }
        if (column->name == NULL || *column->name == '\0') {
            return error_set(error, MSTR_E_USAGE, "column %zu has no name", i + 1);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(model_column(options, j)->name, column->name) == 0) {
                return error_set(error, MSTR_E_USAGE, "two columns are named \"%.200s\"", column->name);
            }
        }
    }
    return MSTR_OK;
}

static enum mstr_code check(const mstr_upload_options *options, mstr_error *error)
{
    static const char what[] = "the upload was";
    if (given_check(what, MSTR_HAS(options, mstr_upload_options, call), 0, 0, error) != MSTR_OK ||
        given_check(what, true, options->flags, MSTR_UPLOAD_CREATE, error) != MSTR_OK ||
        given_call(options->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (options->dataset == NULL || *options->dataset == '\0') {
        return error_set(error, MSTR_E_USAGE, "an upload needs a dataset");
    }
    if (options->chunk > 0 && options->chunk < CHUNK_LEAST) {
        return error_set(error, MSTR_E_USAGE, "a chunk has at least %d octets", (int)CHUNK_LEAST);
    }
    const struct given_number policy = {"policy", (int64_t)options->policy, MSTR_UPLOAD_REPLACE, MSTR_UPLOAD_UPSERT};
    return given_numbers(what, &policy, 1, error) == MSTR_OK ? check_columns(options, error) : MSTR_E_USAGE;
}

enum mstr_code mstr_upload_begin(mstr_session *session, const mstr_upload_options *options, mstr_upload **out,
                                 mstr_error *error)
{
    *out = NULL;
    if (check(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_upload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL || !copy_options(upload, session, options)) {
        mstr_upload_free(upload);
        return no_memory(error);
    }
    enum mstr_code code = find_dataset(upload, options, upload->told);
    code = code == MSTR_OK ? open_session(upload, options, upload->told) : code;
    if (code != MSTR_OK) {
        error_copy(error, upload->told);
        mstr_upload_free(upload);
        return code;
    }
    *out = upload;
    return MSTR_OK;
}

enum mstr_code mstr_upload_model(const mstr_upload_options *options, mstr_secret **out, mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    *out = NULL;
    if (check(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    model_put(&body, options, options->table != NULL ? options->table : options->dataset);
    *out = body.failed ? NULL : mstr_secret_new(buffer_text(&body), body.length);
    buffer_release(&body);
    return *out != NULL ? MSTR_OK : no_memory(error);
}

int mstr_upload_fits(enum mstr_upload_type type, const char *text, size_t length)
{
    return type >= MSTR_UPLOAD_STRING && type <= MSTR_UPLOAD_DATETIME && value_fits(type, text, length);
}

/* --- rows --------------------------------------------------------------------------------------------------------
 */

static enum mstr_code put_field(mstr_upload *upload, const mstr_upload_field *field, size_t i, mstr_error *error)
{
    enum { SHOWN = 40 };
    buffer_puts(&upload->row, i > 0 ? "," : "[");
    if (field->text == NULL) {
        buffer_puts(&upload->row, "null");
        return MSTR_OK;
    }
    if (!value_fits(upload->types[i], field->text, field->length)) {
        bool text = upload->types[i] == MSTR_UPLOAD_STRING;
        int shown = text ? 0 : field->length < SHOWN ? (int)field->length : SHOWN;
        return error_set(error, MSTR_E_USAGE, "row %lld, column \"%s\": %.*s%s%s", (long long)upload->taken + 1,
                         upload->names[i], shown, field->text,
                         text ? "the text is no UTF-8, or holds a NUL" : " is no ",
                         text ? "" : value_type_name(upload->types[i]));
    }
    value_put(&upload->row, upload->types[i], field->text, field->length);
    return MSTR_OK;
}

static enum mstr_code take_row(mstr_upload *upload, const mstr_upload_field *fields, size_t count, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    if (upload->over) {
        return error_set(error, MSTR_E_USAGE, "the upload takes no more rows");
    }
    if (count != upload->count) {
        return error_set(error, MSTR_E_USAGE, "row %lld has %zu fields, not %zu", (long long)upload->taken + 1, count,
                         upload->count);
    }
    buffer_clear(&upload->row);
    for (size_t i = 0; code == MSTR_OK && i < count; i++) {
        code = put_field(upload, &fields[i], i, error);
    }
    if (code == MSTR_OK && !buffer_putc(&upload->row, ']')) {
        code = no_memory(error);
    }
    if (code != MSTR_OK) {
        return code;
    }
    code = chunks_add(&upload->chunks, &upload->row, error);
    if (code == MSTR_E_USAGE) {
        error_prefix(error, "row %lld: ", (long long)upload->taken + 1);
    }
    upload->taken += code == MSTR_OK;
    return code;
}

enum mstr_code mstr_upload_row(mstr_upload *upload, const mstr_upload_field *fields, size_t count, mstr_error *error)
{
    enum mstr_code code = mstr_error_code(upload->told);
    if (code == MSTR_OK) {
        code = take_row(upload, fields, count, upload->told);
    }
    if (code != MSTR_OK) {
        error_copy(error, upload->told);
    }
    return code;
}

/* --- publication -------------------------------------------------------------------------------------------------
 */

/* Whether it is still going on; else whether it went well. */
static enum mstr_code judge(struct json_object *answer, bool *going_on, int64_t *status, mstr_error *error)
{
    const char *message = json_member_text(answer, "message");
    *going_on = false;
    if (!json_member_int64(answer, "status", status)) {
        return error_set(error, MSTR_E_PROTOCOL, "the server does not tell how the publication goes");
    }
    if (*status == STATUS_READY) {
        return MSTR_OK;
    }
    *going_on = *status >= 0 && *status <= STATUS_LAST && *status != STATUS_PROMPTED && *status != STATUS_FAILED &&
                *status != STATUS_REQUEST_FAILED;
    return *going_on ? MSTR_OK
                     : error_set(error, MSTR_E_SERVER, "the publication failed at the server, with status %lld%s%s",
                                 (long long)*status, message != NULL && *message != '\0' ? ": " : "",
                                 message != NULL ? message : "");
}

static enum mstr_code await(mstr_upload *upload, const struct limits *limits, mstr_error *error)
{
    char path[PATH_LENGTH + 32];
    int64_t pause = 0;
    int64_t status = 0;
    bool going_on = true;
    enum mstr_code code = MSTR_OK;
    snprintf(path, sizeof(path), "%s/publishStatus", upload->path);
    while (code == MSTR_OK && going_on) {
        struct json_object *answer = NULL;
        mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
        code = limits_sleep(limits, pause);
        if (code == MSTR_E_TIMEOUT) {
            return error_set(error, MSTR_E_UNAVAILABLE,
                             "the publication has not ended in time; its last status was %lld", (long long)status);
        }
        if (code != MSTR_OK) {
            return error_set(error, code, "%s while the rows were published", mstr_code_text(code));
        }
        call.cancel = limits->cancel;
        code = ask(upload, "GET", path, NULL, &call, &answer, error);
        code = code == MSTR_OK ? judge(answer, &going_on, &status, error) : code;
        json_release(answer);
        pause = pause == 0 ? PAUSE_FIRST : pause + pause / 2 < PAUSE_MAX ? pause + pause / 2 : PAUSE_MAX;
    }
    return code;
}

static enum mstr_code publish(mstr_upload *upload, const mstr_call_options *options, mstr_error *error)
{
    char path[PATH_LENGTH + 32];
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    const mstr_call_options most = {(uint32_t)sizeof(most), 0, PUBLISH_MAX, NULL};
    struct limits limits = limits_of(options != NULL && options->timeout > 0 ? options : &most);
    limits.cancel = options != NULL ? options->cancel : upload->cancel;
    if (upload->over) {
        return error_set(error, MSTR_E_USAGE, "the upload was published before");
    }
    upload->over = true;
    enum mstr_code code = chunks_end(&upload->chunks, error);
    call.cancel = limits.cancel;
    snprintf(path, sizeof(path), "%s/publish", upload->path);
    code = code == MSTR_OK ? ask(upload, "POST", path, NULL, &call, NULL, error) : code;
    code = code == MSTR_OK ? await(upload, &limits, error) : code;
    delete_session(upload);
    return code;
}

enum mstr_code mstr_upload_publish(mstr_upload *upload, const mstr_call_options *call, mstr_error *error)
{
    enum mstr_code code = given_call(call, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = mstr_error_code(upload->told);
    if (code == MSTR_OK) {
        code = publish(upload, call, upload->told);
    }
    if (code != MSTR_OK) {
        error_copy(error, upload->told);
    }
    return code;
}

void mstr_upload_free(mstr_upload *upload)
{
    if (upload == NULL) {
        return;
    }
    delete_session(upload);
    chunks_release(&upload->chunks);
    buffer_release(&upload->row);
    for (size_t i = 0; i < upload->count; i++) {
        free(upload->names[i]);
    }
    free((void *)upload->names);
    free(upload->types);
    free(upload->project);
    free(upload->table);
    mstr_error_free(upload->told);
    free(upload);
}
