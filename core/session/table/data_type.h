/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server's word for a data type means, however it is written: "Real", "bigDecimal", "nVarChar". Pure.
 */
#ifndef MSTR_SESSION_TABLE_DATA_TYPE_H
#define MSTR_SESSION_TABLE_DATA_TYPE_H

#include <stdbool.h>

enum data_type {
    DATA_TEXT,    /* and all words that are not known */
    DATA_UNKNOWN, /* the server does not say */
    DATA_WHOLE,
    DATA_REAL,
    DATA_EXACT, /* decimal numbers of any length */
    DATA_DATE,
    DATA_TIME,
    DATA_TIMESTAMP
};

/* NULL and "" are unknown. */
enum data_type data_type_of(const char *word);
static inline bool data_type_is_number(enum data_type type)
{
    return type == DATA_WHOLE || type == DATA_REAL || type == DATA_EXACT;
}

#endif
