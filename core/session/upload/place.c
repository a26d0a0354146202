/* SPDX-License-Identifier: Apache-2.0 */
/* Where rows go to: the dataset, and the upload session in it. */
#include "session/upload/place.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "session/session.h"
#include "session/table/object.h"
#include "session/upload/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSE_TIMEOUT = 5000 /* ms */ };

static enum mstr_code no_memory(mstr_error *error)
{
    return error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code place_ask(const struct place *place, const char *method, const char *path, const char *body,
                         const mstr_call_options *call, struct json_object **out, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *answer = NULL;
    size_t length = 0;
    /* What a POST makes is known by its answer alone. */
    request.flags = out != NULL && strcmp(method, "POST") == 0 ? MSTR_REQUEST_AWAIT_ANSWER : 0;
    request.method = method;
    request.path = path;
    request.project = place->project;
    request.body = body;
    request.body_length = body != NULL ? strlen(body) : 0;
    request.call = call;
    enum mstr_code code = mstr_session_send(place->session, &request, &answer, error);
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

static enum mstr_code make_dataset(struct place *place, const mstr_upload_options *options, mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct json_object *answer = NULL;
    model_put(&body, options, place->table);
    enum mstr_code code =
        body.failed ? no_memory(error)
                    : place_ask(place, "POST", "datasets/models", buffer_text(&body), options->call, &answer, error);
    code = code == MSTR_OK ? take_id(answer, "id", "dataset", place->dataset, error) : code;
    json_release(answer);
    buffer_release(&body);
    return code;
}

/* The table of a dataset that has one. */
static enum mstr_code find_table(struct place *place, const mstr_upload_options *options, mstr_error *error)
{
    struct json_object *answer = NULL;
    char path[PLACE_PATH_MAX];
    snprintf(path, sizeof(path), "datasets/%s?fields=tables", place->dataset);
    enum mstr_code code = place_ask(place, "GET", path, NULL, options->call, &answer, error);
    struct json_object *tables = json_at(answer, "/result/definition/availableObjects/tables");
    tables = tables != NULL ? tables : json_member(answer, "tables");
    bool one = json_object_is_type(tables, json_type_array) && json_object_array_length(tables) == 1;
    const char *name = one ? json_member_text(json_object_array_get_idx(tables, 0), "name") : NULL;
    if (code == MSTR_OK && name == NULL) {
        code = error_set(error, MSTR_E_USAGE, "which of the tables of %s is meant must be said", place->dataset);
    } else if (code == MSTR_OK) {
        place->table = text_copy(name);
        code = place->table != NULL ? MSTR_OK : no_memory(error);
    }
    json_release(answer);
    return code;
}

enum mstr_code place_find(struct place *place, const mstr_upload_options *options, mstr_error *error)
{
    enum mstr_code code = object_find(place->session, OBJECT_DATASET, options->dataset, place->project, options->call,
                                      place->dataset, error);
    bool make = code == MSTR_E_NOT_FOUND && (options->flags & MSTR_UPLOAD_CREATE) != 0;
    if (!make) {
        return code == MSTR_OK && place->table == NULL ? find_table(place, options, error) : code;
    }
    mstr_error_clear(error);
    if (place->table == NULL) {
        place->table = text_copy(options->dataset);
    }
    return place->table != NULL ? make_dataset(place, options, error) : no_memory(error);
}

enum mstr_code place_open(struct place *place, const mstr_upload_options *options, mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct json_object *answer = NULL;
    char path[PLACE_PATH_MAX];
    char id[REPORT_ID_MAX];
    snprintf(path, sizeof(path), "datasets/%s/uploadSessions", place->dataset);
    model_put_session(&body, options, place->table);
    enum mstr_code code = body.failed
                              ? no_memory(error)
                              : place_ask(place, "POST", path, buffer_text(&body), options->call, &answer, error);
    code = code == MSTR_OK ? take_id(answer, "uploadSessionId", "upload session", id, error) : code;
    if (code == MSTR_OK) {
        snprintf(place->path, sizeof(place->path), "datasets/%s/uploadSessions/%s", place->dataset, id);
    }
    json_release(answer);
    buffer_release(&body);
    return code;
}

void place_close(struct place *place)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_error *own = mstr_error_new();
    call.timeout = CLOSE_TIMEOUT;
    if (place->path[0] != '\0' && place_ask(place, "DELETE", place->path, NULL, &call, NULL, own) != MSTR_OK) {
        log_write(context_log(place->session->context), MSTR_LEVEL_WARN, "session",
                  "the upload session was not deleted: %s", mstr_error_message(own));
    }
    place->path[0] = '\0';
    mstr_error_free(own);
}

void place_release(struct place *place)
{
    free(place->project);
    free(place->table);
}
