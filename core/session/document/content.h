/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server sends as an export, on its way to a file: unpacked where it comes as base64 in JSON, told by its
 * first octets to be what was asked for, CSV put into UTF-8. Nothing is handed on before that is sure. Pure, but for
 * memory; used by one thread.
 */
#ifndef MSTR_SESSION_DOCUMENT_CONTENT_H
#define MSTR_SESSION_DOCUMENT_CONTENT_H

#include "base/buffer.h"

#include <mstr/document.h>
#include <stdbool.h>
#include <stdint.h>

/* Takes octets; false ends the export. */
typedef bool (*content_fn)(const void *octets, size_t length, void *data);

struct content {
    enum mstr_document_format format;
    bool raw;
    content_fn write;
    void *data;
    int64_t octets;   /* that were handed on */
    const char *type; /* NULL before the first octets were looked at */
    /* Inside. */
    int wrapping;         /* how the answer is packed, and where in that */
    struct buffer head;   /* octets that are too few yet to say what they are; of another JSON its begin */
    struct buffer coded;  /* base64 that waits for more */
    struct buffer plain;  /* octets that are about to be handed on */
    char escape[6];       /* a JSON escape that is not over */
    size_t escape_length; /* of it */
    bool padded;          /* the base64 is over */
    char last;            /* octet of the JSON behind it that is no blank */
    uint32_t unit;        /* of UTF-16: its low octet, the half of a pair */
    uint32_t high;
    bool has_low;
    bool is_text;   /* UTF-16 that becomes UTF-8 */
    bool strange;   /* it is not what was asked for */
    bool stopped;   /* `write` ended it */
    bool malformed; /* the base64 is none */
};

/* Takes what comes next. False if there is no use in more; content_end() tells why. */
bool content_take(struct content *content, const void *octets, size_t length);
/* All has come: MSTR_OK if it was whole and what was asked for. MSTR_E_PROTOCOL, MSTR_E_CANCELLED, MSTR_E_MEMORY. */
enum mstr_code content_end(struct content *content, mstr_error *error);
/* Begins anew. */
void content_reset(struct content *content);
void content_release(struct content *content);

#endif
