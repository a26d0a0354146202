/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's folder of states of a test's own, in place of the one of whoever runs it.
 */
#ifndef MSTR_TESTS_SUPPORT_STATES_H
#define MSTR_TESTS_SUPPORT_STATES_H

#include "support/folder.h"

static struct folder states_home; /* what $XDG_STATE_HOME names */
static struct folder states;      /* mstr in it, once something was kept */

/* Setup and teardown of a test. */
static inline int states_make(void **state)
{
    (void)state;
    folder_make(&states_home);
    snprintf(states.path, sizeof(states.path), "%.24s/mstr", states_home.path);
    setenv("XDG_STATE_HOME", states_home.path, 1);
    return 0;
}

static inline int states_remove(void **state)
{
    (void)state;
    if (access(states.path, F_OK) == 0) {
        folder_remove(&states);
    }
    folder_remove(&states_home);
    return 0;
}

#endif
