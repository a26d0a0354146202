/* SPDX-License-Identifier: Apache-2.0 */
/* What all routes work with. */
#include "agent.h"

#include "base/log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic int most = MSTR_LEVEL_WARN;

void agent_log_level(enum mstr_level level)
{
    most = (int)level;
}

/* The path of a store's URL is the secret's name: of what was asked over HTTP the origin is told. */
static void cut_paths(char *line)
{
    for (char *at = strstr(line, "://"); at != NULL; at = strstr(at, "://")) {
        bool http = at - line >= 4 && (memcmp(at - 4, "http", 4) == 0 || memcmp(at - 4, "ttps", 4) == 0);
        at += 3;
        if (http) {
            at += strcspn(at, "/?# ");
            const char *rest = at + strcspn(at, " ");
            rest -= rest > at && rest[-1] == ':';
            memmove(at, rest, strlen(rest) + 1);
        }
    }
}

/* Whoever reads the log and takes nothing loses lines: nobody waits for him, as all clients would. One thread at a
 * time looks and writes, so that what a pipe that is ready takes (pipe(7)) is not taken up by another. */
static void put_line(const char *scope, const char *line)
{
    static unsigned lost;
    flockfile(stderr);
    if (poll(&(struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}, 1, 0) == 0) {
        lost++;
    } else {
        if (lost > 0) {
            fprintf(stderr, "mstr-agent: agent: lines of the log that nobody took, and are lost: %u\n", lost);
            lost = 0;
        }
        fprintf(stderr, "mstr-agent: %s: %s\n", scope, line);
    }
    funlockfile(stderr);
}

void agent_log_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    char line[LOG_LINE_MAX];
    (void)data;
    if ((int)level <= most) {
        snprintf(line, sizeof(line), "%s", message);
        cut_paths(line);
        put_line(scope, line);
    }
}

void agent_log(enum mstr_level level, const char *format, ...)
{
    const struct log log = {.sink = agent_log_line,
                            .level = (enum mstr_level)most}; /* by which no client's text forges a line */
    va_list arguments;
    va_start(arguments, format);
    log_vwrite(&log, level, "agent", format, arguments);
    va_end(arguments);
}

void agent_wake(struct agent *agent)
{
    const uint64_t one = 1;
    if (write(agent->wakes, &one, sizeof(one)) < 0) {
        agent_log(MSTR_LEVEL_ERROR, "the serving thread cannot be woken up");
    }
}

static void heed(void *data, struct generation *next)
{
    struct agent *agent = data;
    sessions_heed(agent->sessions, next);
}

enum mstr_code agent_reload(struct agent *agent, mstr_error *error)
{
    enum mstr_code code = contexts_reload(agent->contexts, heed, agent, error);
    agent->stale = code != MSTR_OK;
    if (code != MSTR_OK) {
        agent_log(MSTR_LEVEL_ERROR, "the configuration stays as it was: %s", mstr_error_message(error));
    }
    return code;
}
