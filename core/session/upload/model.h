/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server is told of a dataset: its model when it is made, its table and columns when rows are to come. Pure.
 */
#ifndef MSTR_SESSION_UPLOAD_MODEL_H
#define MSTR_SESSION_UPLOAD_MODEL_H

#include "base/buffer.h"

#include <mstr/upload.h>

/* A column of the options, which may be longer than ours. */
const mstr_upload_column *model_column(const mstr_upload_options *options, size_t index);
/* Appends the body of POST datasets/models. */
void model_put(struct buffer *out, const mstr_upload_options *options, const char *table);
/* Appends the body of POST datasets/{id}/uploadSessions. */
void model_put_session(struct buffer *out, const mstr_upload_options *options, const char *table);

#endif
