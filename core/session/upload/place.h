/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the rows of an upload go to: a dataset, which is found or made, its table, and the upload session that takes
 * them until it is closed. Used by one thread.
 */
#ifndef MSTR_SESSION_UPLOAD_PLACE_H
#define MSTR_SESSION_UPLOAD_PLACE_H

#include "base/json.h"
#include "session/table/report.h"

#include <mstr/upload.h>

enum { PLACE_PATH_MAX = 3 * REPORT_ID_MAX };

struct place {
    mstr_session *session;
    char *project; /* NULL = the session's */
    char *table;   /* NULL = the only one of the dataset, or of the dataset's name where it is made */
    char dataset[REPORT_ID_MAX];
    char path[PLACE_PATH_MAX]; /* of the upload session; "" = there is none */
};

/* The dataset of the options: found, or made. `error` is never NULL. */
enum mstr_code place_find(struct place *place, const mstr_upload_options *options, mstr_error *error);
/* Begins an upload session in it. */
enum mstr_code place_open(struct place *place, const mstr_upload_options *options, mstr_error *error);
/* Sends a request of the project, and reads the answer's JSON, to be released; `out` NULL = it is passed over. */
enum mstr_code place_ask(const struct place *place, const char *method, const char *path, const char *body,
                         const mstr_call_options *call, struct json_object **out, mstr_error *error);
/* Deletes the upload session, also after a cancellation: what is left there keeps others from uploading. */
void place_close(struct place *place);
/* Frees what is held here. */
void place_release(struct place *place);

#endif
