/* SPDX-License-Identifier: Apache-2.0 */
/* Where a redirect leads. */
#include "session/parts/redirect.h"

#include <string.h>

bool redirect_is(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool redirect_put_target(const struct uri *from, const char *location, struct buffer *target)
{
    size_t folder = from->path_length;
    if (strstr(location, "://") != NULL) {
        return buffer_puts(target, location);
    }
    if (location[0] == '/' && location[1] == '/') {
        return buffer_printf(target, "%s:%s", from->https ? "https" : "http", location);
    }
    uri_origin(from, target);
    if (location[0] != '/') {
        while (location[0] != '?' && folder > 0 && from->path[folder - 1] != '/') {
            folder--;
        }
        buffer_append(target, folder > 0 ? from->path : "/", folder > 0 ? folder : 1);
    }
    return buffer_puts(target, location);
}

bool redirect_becomes_get(int status, const char *method)
{
    bool post = strcmp(method, "POST") == 0;
    return strcmp(method, "HEAD") != 0 && (status == 303 || (post && (status == 301 || status == 302)));
}
