/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first rows of a file, kept until it is known of which types its columns are, then handed on like the others.
 */
#ifndef MSTR_CLI_SAMPLE_H
#define MSTR_CLI_SAMPLE_H

#include "rows.h"

enum { SAMPLE_ROWS = 10000, SAMPLE_FIELDS = 4 * 1000 * 1000, SAMPLE_OCTETS = 64 * 1024 * 1024 }; /* at most */

struct sample {
    struct rows *rows;
    size_t columns;
    mstr_upload_field *fields; /* of all kept rows, one after another; their texts are owned */
    size_t most;               /* rows that there is room for */
    size_t count;              /* of rows */
    size_t taken;              /* of them, handed on */
    size_t octets;
    bool over;         /* the file ended within the sample */
    unsigned *fitting; /* of each column, a bit for each type that all its values are of */
    bool *seen;        /* of each column, whether there was any value */
};

/* Reads them; STATUS_DONE, or a status after having told what is wrong. To be released in each case. */
int sample_read(struct sample *sample, struct rows *rows);
/* The narrowest type that the kept values of a column have; text where there was none. */
enum mstr_upload_type sample_type(const struct sample *sample, size_t column);
/* The next row, kept or read; NULL past the last. STATUS_DONE, or a status likewise. */
int sample_next(struct sample *sample, const mstr_upload_field **fields);
void sample_release(struct sample *sample);

#endif
