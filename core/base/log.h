/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines to the sink that a program gave. Lines hold no secrets by construction (callers pass names and numbers,
 * never values); user information in URLs is cut out here as a second net. Thread-safe.
 */
#ifndef MSTR_BASE_LOG_H
#define MSTR_BASE_LOG_H

#include <mstr/context.h>
#include <stdarg.h>
#include <stdbool.h>

/* Longer lines are cut. */
enum { LOG_LINE_MAX = 2048 };

struct log {
    mstr_log_fn sink; /* NULL = no log */
    void *data;
    enum mstr_level level;
};

/* Whether a log keeps lines of this level. */
bool log_enabled(const struct log *log, enum mstr_level level);
void log_write(const struct log *log, enum mstr_level level, const char *scope, const char *format, ...)
    MSTR_PRINTF(4, 5);
void log_vwrite(const struct log *log, enum mstr_level level, const char *scope, const char *format,
                va_list arguments) MSTR_PRINTF(4, 0);
/* Counts a log among those of the process, so that log_wanted() knows its level from then on. */
void log_note(const struct log *log);
/* Whether any log of the process ever kept lines of this level: asked before a costly line is made. */
bool log_wanted(enum mstr_level level);

#endif
