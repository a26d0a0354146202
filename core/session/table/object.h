/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports and their like by their names: the project's quick search, exact, of the kind that is meant.
 */
#ifndef MSTR_SESSION_TABLE_OBJECT_H
#define MSTR_SESSION_TABLE_OBJECT_H

#include <mstr/execution.h>
#include <stddef.h>

enum { OBJECT_ID = 33 };

enum object_kind {
    OBJECT_REPORT = MSTR_EXECUTION_REPORT,
    OBJECT_CUBE = MSTR_EXECUTION_CUBE,
    OBJECT_DOCUMENT, /* or dashboard */
    OBJECT_DATASET   /* a cube that was pushed */
};

/* The id of what a program names: 32 hexadecimal digits are an id, which is never looked for. MSTR_E_NOT_FOUND for
 * none, MSTR_E_USAGE for several, which are told. */
enum mstr_code object_find(mstr_session *session, enum object_kind kind, const char *name, const char *project,
                           const mstr_call_options *call, char id[OBJECT_ID], mstr_error *error);

#endif
