/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines to the sink that a program gave. */
#include "base/log.h"

#include <stdio.h>
#include <string.h>

bool log_enabled(const struct log *log, enum mstr_level level)
{
    return log != NULL && log->sink != NULL && level <= log->level;
}

/* The most talkative level any log asked for; -1 = none. */
static int loudest = -1;

bool log_wanted(enum mstr_level level)
{
    return (int)level <= __atomic_load_n(&loudest, __ATOMIC_RELAXED);
}

void log_note(const struct log *log)
{
    int now = __atomic_load_n(&loudest, __ATOMIC_RELAXED);
    while (log->sink != NULL && (int)log->level > now &&
           !__atomic_compare_exchange_n(&loudest, &now, (int)log->level, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        /* another one raised it meanwhile; `now` is what it is by now */
    }
}

/* Replaces the user information of every URL in the line, "//user:password@host", by "***"; and control characters,
 * which would let a foreign text forge lines, by '?'. */
static void redact(char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            *at = '?';
        }
    }
    for (char *at = strstr(line, "://"); at != NULL; at = strstr(at, "://")) {
        at += 3;
        size_t authority = strcspn(at, "/?# \"'<>");
        char *sign = NULL;
        for (size_t i = 0; i < authority; i++) {
            sign = at[i] == '@' ? at + i : sign;
        }
        if (sign != NULL) {
            size_t stars = sign - at < 3 ? (size_t)(sign - at) : 3;
            memset(at, '*', stars);
            size_t rest = strlen(sign);
            memmove(at + stars, sign, rest + 1);
            explicit_bzero(at + stars + rest + 1, (size_t)(sign - at) - stars);
        }
    }
}

void log_vwrite(const struct log *log, enum mstr_level level, const char *scope, const char *format,
                va_list arguments)
{
    char line[LOG_LINE_MAX];
    if (!log_enabled(log, level)) {
        return;
    }
    int length = vsnprintf(line, sizeof(line), format, arguments);
    if (length < 0) {
        return;
    }
    redact(line);
    log->sink(level, scope, line, log->data);
    explicit_bzero(line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line));
}

void log_write(const struct log *log, enum mstr_level level, const char *scope, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_vwrite(log, level, scope, format, arguments);
    va_end(arguments);
}
