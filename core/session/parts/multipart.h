/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A multipart/form-data body (RFC 7578) that is put together while it is read, so that parts of any size need no
 * memory. Used by one thread at a time.
 */
#ifndef MSTR_SESSION_PARTS_MULTIPART_H
#define MSTR_SESSION_PARTS_MULTIPART_H

#include "base/buffer.h"
#include "base/error.h"

#include <mstr/request.h>

struct multipart;

/* The parts stay the caller's. MSTR_E_USAGE for a part whose name or type cannot be written. */
enum mstr_code multipart_new(const mstr_part *parts, size_t count, struct multipart **out, mstr_error *error);
/* NULL is accepted. */
void multipart_free(struct multipart *multipart);
/* A reader of the whole body, valid as long as `multipart`. */
mstr_reader multipart_reader(struct multipart *multipart);
/* Appends `type` ("multipart/form-data" for NULL) with the boundary. */
bool multipart_put_type(const struct multipart *multipart, const char *type, struct buffer *out);

#endif
