/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request to /session/PROFILE/… goes on the server. */
#include "proxy_path.h"

#include "base/text.h"
#include "base/uri.h"

static const char root[] = "/session/";
static const char api[] = "api";

static bool begins_nocase(const char *text, const char *beginning)
{
    return text_equal_nocase_length(text, beginning, strlen(beginning));
}

/* "PROFILE/…" in its one spelling becomes both parts; a first "api/" is the root as well. */
static const char *divide(const char *whole, struct proxy_path *path)
{
    const char *slash = strchr(whole, '/');
    struct buffer *profile = &path->profile;
    if (slash == NULL || slash == whole) {
        return "it names no profile";
    }
    uri_decode(profile, whole, (size_t)(slash - whole));
    const char *rest = slash + 1;
    if (strcmp(rest, api) == 0 || text_starts_with(rest, "api/")) {
        rest += strlen(api) + (rest[strlen(api)] == '/');
    }
    buffer_puts(&path->path, rest);
    return begins_nocase(buffer_text(profile), api)
               ? "a profile whose name begins with \"api\" cannot be asked for: clients cut their URLs there"
               : NULL;
}

const char *proxy_path_read(const char *target, struct proxy_path *path, bool *memory)
{
    const char *begin = target + strlen(root);
    size_t length = strcspn(begin, "?");
    struct buffer whole = BUFFER_INIT;
    *path = (struct proxy_path){.query = begin + length};
    *memory = true;
    const char *fault = uri_path_fault(target, (size_t)(begin - target) + length, memory);
    if (fault == NULL && *memory && uri_path_put(&whole, begin, length)) {
        fault = divide(buffer_text(&whole), path);
    }
    if (strchr(path->query, '\\') != NULL) {
        fault = "a backslash";
    }
    *memory = *memory && !whole.failed && !path->profile.failed && !path->path.failed;
    buffer_release(&whole);
    return *memory ? fault : "out of memory";
}

void proxy_path_release(struct proxy_path *path)
{
    buffer_release(&path->profile);
    buffer_release(&path->path);
}

bool proxy_path_is_below(const struct proxy_path *path, const char *segment)
{
    const char *text = buffer_text(&path->path);
    size_t length = strlen(segment);
    return begins_nocase(text, segment) && (text[length] == '\0' || text[length] == '/');
}

bool proxy_path_is(const struct proxy_path *path, const char *wanted)
{
    const char *text = buffer_text(&path->path);
    size_t length = strlen(wanted);
    return begins_nocase(text, wanted) && (text[length] == '\0' || strcmp(text + length, "/") == 0);
}

bool proxy_path_is_of_instance(const struct proxy_path *path)
{
    static const char name[] = "/instances/";
    const char *found = strstr(buffer_text(&path->path), name);
    return found != NULL && found[strlen(name)] != '\0';
}
