/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file uri.h
 * @brief Names of people and programs as parts of a request's path.
 * @defgroup mstr_uri Paths
 * @{
 *
 * A name that is pasted into a path by printf becomes as many segments as it has slashes, or a step up where it is
 * "..": `projects/%s` with `a/../b` names another resource than its author meant. These functions keep a name one
 * segment, whatever is in it.
 */
#ifndef MSTR_URI_H
#define MSTR_URI_H

#include <mstr/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a path of a pattern by putting each value, encoded as one segment or a part of one, in place of the next
 * `{}`:
 *
 *     const char *names[] = {project, object};
 *     mstr_path(path, sizeof(path), "projects/{}/objects/{}", names, 2, error);
 *
 * What else is in the pattern is taken as it is. A value with a slash is one segment all the same, `a%2Fb`; a session
 * does not send that (see request.h), since many servers would take it for two. For many threads at once.
 * @param into      where to write the path with its NUL; "" when this fails
 * @param capacity  octets of into, at least 1
 * @param pattern   of the path
 * @param values    one text for each `{}`
 * @param count     of values
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for a value that is NULL, "", "." or "..", or holds a control octet, for more or
 * fewer values than the pattern has places, and for a path that is longer than capacity allows
 */
MSTR_API enum mstr_code mstr_path(char *into, size_t capacity, const char *pattern, const char *const *values,
                                  size_t count, mstr_error *error);

/**
 * Encodes octets for any part of a URI: all but letters, digits and `-._~` become %XX (RFC 3986, 2.1 to 2.3). For
 * many threads at once.
 * @param octets    to be encoded; may hold NULs
 * @param length    of octets
 * @param into      where to write the text with its NUL; NULL if capacity is 0
 * @param capacity  octets of into; 0 = only the length is wanted
 * @return the length of the whole text without its NUL, as snprintf() gives it; where that is not below capacity,
 * into holds as much of it as fits, and no half escape
 */
MSTR_API size_t mstr_uri_encode(const void *octets, size_t length, char *into, size_t capacity);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
