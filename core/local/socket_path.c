/* SPDX-License-Identifier: Apache-2.0 */
/* Where the agent's socket is. */
#include "local/socket_path.h"

#include "base/environment.h"
#include "base/text.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BELOW "mstr/agent.sock"

struct socket_places socket_places_here(bool environment)
{
    return (struct socket_places){geteuid(), environment ? environment_get("XDG_RUNTIME_DIR") : NULL, "/run"};
}

/* One segment as it stands, so that no path is two. */
static bool is_odd(const char *segment, size_t length)
{
    return length == 0 || (length == 1 && segment[0] == '.') || (length == 2 && memcmp(segment, "..", 2) == 0);
}

const char *socket_path_fault(const char *path)
{
    if (path[0] == '@') {
        return "is an abstract name, which nobody's folder guards";
    }
    if (path[0] != '/') {
        return "is no absolute path";
    }
    if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        return "is longer than the 107 octets that a socket's path may have";
    }
    for (const char *at = path; *at == '/'; at += 1 + strcspn(at + 1, "/")) {
        if (is_odd(at + 1, strcspn(at + 1, "/"))) {
            return "has an empty segment, \".\" or \"..\"";
        }
    }
    return text_starts_with(path, "/tmp/") ? "is below /tmp, where anybody may be first" : NULL;
}

static bool is_own_folder(const char *path, uid_t user)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == user;
}

static bool put_usual(const struct socket_places *places, unsigned which, struct buffer *path)
{
    buffer_clear(path);
    if (which == 0 && places->user != 0 && !text_empty(places->runtime)) {
        buffer_printf(path, "%s/" BELOW, places->runtime);
    } else if (which == 1 && places->user != 0) {
        buffer_printf(path, "%s/user/%lu", places->run, (unsigned long)places->user);
        if (!is_own_folder(buffer_text(path), places->user)) {
            return false;
        }
        buffer_puts(path, "/" BELOW);
    } else if (which > 1) {
        buffer_printf(path, "%s/" BELOW, places->run);
    }
    return !path->failed && socket_path_fault(buffer_text(path)) == NULL;
}

bool socket_path_at(const struct socket_places *places, size_t index, struct buffer *path)
{
    for (unsigned which = 0; which < 3 && !path->failed; which++) {
        if (put_usual(places, which, path) && index-- == 0) {
            return true;
        }
    }
    return false;
}
