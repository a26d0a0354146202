/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: what is asked for is looked at, rows are taken, and published. */
#include <mstr/upload.h>

#include "base/error.h"
#include "base/given.h"
#include "base/text.h"
#include "session/attempt.h"
#include "session/upload/chunks.h"
#include "session/upload/model.h"
#include "session/upload/place.h"
#include "session/upload/publication.h"
#include "session/upload/value.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 8 * 1024 * 1024, CHUNK_LEAST = 1024, PUBLISH_MAX = 6 * 60 * 60 * 1000 /* ms */ };

struct mstr_upload {
    struct place place;
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
    struct place *place = &upload->place;
    place->session = session;
    place->project = options->project != NULL ? text_copy(options->project) : NULL;
    place->table = options->table != NULL ? text_copy(options->table) : NULL;
    upload->told = mstr_error_new();
    upload->cancel = options->call != NULL ? options->call->cancel : NULL;
    upload->chunks.session = session;
    upload->chunks.project = place->project;
    upload->chunks.cancel = upload->cancel;
    upload->chunks.room = options->chunk > 0 ? options->chunk : CHUNK;
    return upload->told != NULL && (options->project == NULL || place->project != NULL) &&
           (options->table == NULL || place->table != NULL) && copy_columns(upload, options);
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
    enum mstr_code code = place_find(&upload->place, options, upload->told);
    code = code == MSTR_OK ? place_open(&upload->place, options, upload->told) : code;
    if (code != MSTR_OK) {
        session_tell(upload->place.session, upload->told, error);
        mstr_upload_free(upload);
        return code;
    }
    upload->chunks.path = upload->place.path;
    upload->chunks.table = upload->place.table;
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
        session_tell(upload->place.session, upload->told, error);
    }
    return code;
}

static enum mstr_code publish(mstr_upload *upload, const mstr_call_options *options, mstr_error *error)
{
    const mstr_call_options most = {(uint32_t)sizeof(most), 0, PUBLISH_MAX, NULL};
    struct limits limits = limits_of(options != NULL && options->timeout > 0 ? options : &most);
    limits.cancel = options != NULL ? options->cancel : upload->cancel;
    if (upload->over) {
        return error_set(error, MSTR_E_USAGE, "the upload was published before");
    }
    upload->over = true;
    enum mstr_code code = chunks_end(&upload->chunks, error);
    code = code == MSTR_OK ? publication_run(&upload->place, &limits, error) : code;
    place_close(&upload->place);
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
        session_tell(upload->place.session, upload->told, error);
    }
    return code;
}

void mstr_upload_free(mstr_upload *upload)
{
    if (upload == NULL) {
        return;
    }
    place_close(&upload->place);
    place_release(&upload->place);
    chunks_release(&upload->chunks);
    buffer_release(&upload->row);
    for (size_t i = 0; i < upload->count; i++) {
        free(upload->names[i]);
    }
    free((void *)upload->names);
    free(upload->types);
    mstr_error_free(upload->told);
    free(upload);
}
