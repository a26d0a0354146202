/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands that work on a session of a project have in common: which project, which session, whether they tell
 * how far they have come.
 */
#ifndef MSTR_CLI_JOB_H
#define MSTR_CLI_JOB_H

#include "options.h"
#include "session_use.h"

struct job {
    const char *project; /* NULL = the profile's */
    struct session_use session;
    bool quiet;
};

/* Lines of an option table, and their ids. */
enum { OPTION_JOB_PROJECT = 900, OPTION_JOB_SESSION, OPTION_JOB_SESSION_FILE, OPTION_JOB_QUIET };
#define JOB_OPTIONS                                                                                                  \
    {OPTION_JOB_PROJECT, 0, "project", "NAME|ID", "the project, in place of the profile's"},                         \
        {OPTION_JOB_SESSION, 0, "session", NULL, "use the saved session, which stays open"},                         \
        {OPTION_JOB_SESSION_FILE, 0, "session-file", "FILE", "use the session saved in this file"},                  \
        {OPTION_JOB_QUIET, 'q', "quiet", NULL, "do not tell how far it has come"},                                   \
    {                                                                                                                \
        0, 0, NULL, NULL, NULL                                                                                       \
    }

/* Takes one of these options in; false if it is none of them. */
bool job_take(struct job *job, int found, const char *value);
/* The one operand of a command; STATUS_DONE, or STATUS_USAGE after having told why not. */
int job_take_operand(struct tool *tool, const char **operand, const char *value);

#endif
