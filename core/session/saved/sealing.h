/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How what a session leaves in files is sealed: under its persistence key, and bound to the origin of the configured
 * base URL and to what it is.
 */
#ifndef MSTR_SESSION_SAVED_SEALING_H
#define MSTR_SESSION_SAVED_SEALING_H

#include "session/session.h"

enum { SEALING_WANTS = 2 };
struct sealing {
    struct credential_want wants[SEALING_WANTS];
    struct buffer origin;
    struct buffer context;
};

/* Resolves what is needed. `what` tells apart things of one origin, "" = the session. sealing_end() also where this
 * fails. */
enum mstr_code sealing_begin(struct sealing *sealing, mstr_session *session, const char *what,
                             const struct limits *limits, mstr_error *error);
/* Appends the sealed octets, and what was sealed. The failure of the latter names the file. */
enum mstr_code sealing_close(const struct sealing *sealing, const struct buffer *text, struct buffer *sealed,
                             mstr_error *error);
enum mstr_code sealing_open(const struct sealing *sealing, const char *path, const struct buffer *sealed,
                            struct buffer *text, mstr_error *error);
void sealing_end(struct sealing *sealing);

#endif
