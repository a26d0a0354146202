/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Homes that cannot be used, as many a service and container has one: /dev/null, a folder that is not there, one that
 * was left by another user. What lies below such a one counts as absent. A file system that fails does not make it
 * so, since that must not change who we are in silence. Pure; part of the helpers that plugins compile in.
 */
#ifndef MSTR_BASE_HOME_H
#define MSTR_BASE_HOME_H

#include <stdbool.h>

/* Whether the path lies below `home`, the value of HOME or NULL, and that is no folder or does not let this user
 * in. */
bool home_hides(const char *home, const char *path);

#endif
