/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a request to /session/PROFILE/… goes on the server: its profile, and its path below the API's root in the one
 * spelling in which it is sent. Every rule looks at that spelling, so that none is passed by another one. Pure.
 */
#ifndef MSTR_AGENT_PROXY_PATH_H
#define MSTR_AGENT_PROXY_PATH_H

#include "base/buffer.h"

struct proxy_path {
    struct buffer profile;
    struct buffer path; /* without a slash at its begin, and without the query */
    const char *query;  /* with its "?", in the target; "" = none */
};

/* Reads a raw target that begins with "/session/". NULL, or what is wrong with it: a server could read its path as
 * another one, or it names no profile. "out of memory" where *memory is false. To be released either way. */
const char *proxy_path_read(const char *target, struct proxy_path *path, bool *memory);
void proxy_path_release(struct proxy_path *path);

/* Whether its first segment is that one, in any case of letters. */
bool proxy_path_is_below(const struct proxy_path *path, const char *segment);
/* Whether the path is that one, but for a slash at its end; in any case of letters. */
bool proxy_path_is(const struct proxy_path *path, const char *wanted);
/* Whether it names something that lives only as long as the session: …/instances/ID. */
bool proxy_path_is_of_instance(const struct proxy_path *path);

#endif
