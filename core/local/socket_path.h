/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the agent's socket is: one rule for the agent and all who ask it.
 *
 * Whoever chose a path gets that one, and nothing else is looked at. Else it is in the user's folder for what lives
 * as long as a login, or in the host's. Root's is the host's alone, since whoever may write the user's folder would
 * answer root.
 */
#ifndef MSTR_LOCAL_SOCKET_PATH_H
#define MSTR_LOCAL_SOCKET_PATH_H

#include "base/buffer.h"

#include <sys/types.h>

/* What decides on it. */
struct socket_places {
    uid_t user;
    const char *runtime; /* $XDG_RUNTIME_DIR, NULL = unset or not to be read */
    const char *run;     /* where the system has its own: /run */
};

/* This process's own; `environment` tells whether variables count. */
struct socket_places socket_places_here(bool environment);
/* Puts the path at `index` into `path`: an agent makes the first, a client asks the first at which somebody listens.
 * False past the last, and without memory, when path->failed is set. */
bool socket_path_at(const struct socket_places *places, size_t index, struct buffer *path);
/* What is wrong with a path that somebody chose, to follow its name; NULL if nothing is. */
const char *socket_path_fault(const char *path);

#endif
