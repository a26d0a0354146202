/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publication of rows that an upload session has: asked for, and awaited, which may take hours.
 */
#ifndef MSTR_SESSION_UPLOAD_PUBLICATION_H
#define MSTR_SESSION_UPLOAD_PUBLICATION_H

#include "base/limits.h"
#include "session/upload/place.h"

/* MSTR_E_UNAVAILABLE: it has not ended by the deadline. */
enum mstr_code publication_run(const struct place *place, const struct limits *limits, mstr_error *error);

#endif
