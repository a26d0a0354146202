/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a context lends to its provider instances and to the calls on them. The context owns all of it, and it
 * outlives every instance.
 */
#ifndef MSTR_PLUGIN_SERVICES_H
#define MSTR_PLUGIN_SERVICES_H

#include "base/log.h"
#include "http/shared_client.h"
#include "plugin/prompt.h"
#include "plugin/subject_token.h"

struct services {
    const struct log *log;
    struct shared_client *http;
    struct prompt *prompt;
    struct subject_source subject;
    const char *plugin_path;     /* folders separated by colons, searched before the library's own; NULL = none */
    const struct bundle *bundle; /* what the program carries besides; NULL = nothing */
};

#endif
