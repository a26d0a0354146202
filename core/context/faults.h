/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults of a configuration, as a check finds them: each is told to a listener with its place and what to do, the
 * first is kept.
 */
#ifndef MSTR_CONTEXT_FAULTS_H
#define MSTR_CONTEXT_FAULTS_H

#include "base/limits.h"
#include "context/config_listener.h"
#include "context/context.h"

struct faults {
    mstr_context *context;
    const struct limits *limits;
    struct config_listener *listener;
    mstr_error *error; /* becomes the first fault */
    enum mstr_code code;
    mstr_error *now; /* where a check puts what it finds; blank between two */
};

/* Tells what `now` holds of a setting. */
void faults_tell(struct faults *faults, const char *section, const char *key);
/* The same of a section as a whole, with the line of its first key, or, NULL, of the whole configuration. */
void faults_tell_section(struct faults *faults, const char *section);

#endif
