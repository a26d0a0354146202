/* SPDX-License-Identifier: Apache-2.0 */
/* The saved session of a profile: where it is, and taking it up. */
#include "session_file.h"

#include "context.h"
#include "deadline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LIMIT = 4096 };

/* The profile in use, as the name of a file; a slash in it must not lead elsewhere. */
static const char *profile_of(const struct tool *tool)
{
    const char *profile = tool->profile != NULL ? tool->profile : getenv("MSTR_PROFILE");
    return profile != NULL && *profile != '\0' ? profile : "default";
}

char *session_file_path(struct tool *tool, const char *given)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    const char *profile = profile_of(tool);
    char path[PATH_LIMIT];
    int length = -1;
    if (given != NULL) {
        length = snprintf(path, sizeof path, "%s", given);
    } else if (strchr(profile, '/') == NULL && state != NULL && *state == '/') {
        length = snprintf(path, sizeof path, "%s/mstr/%s.session", state, profile);
    } else if (strchr(profile, '/') == NULL && home != NULL && *home == '/' && access(home, X_OK) == 0) {
        length = snprintf(path, sizeof path, "%s/.local/state/mstr/%s.session", home, profile);
    }
    char *copy = length > 0 && length < (int)sizeof path ? strdup(path) : NULL;
    if (copy == NULL) {
        mstr_error_set(tool->error, MSTR_E_CONFIG,
                       "there is no place for the saved session; name one with --session-file");
    }
    return copy;
}

enum mstr_code session_file_prepare(struct tool *tool, const char *path)
{
    char folder[PATH_LIMIT];
    struct stat old;
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            return mstr_error_set(tool->error, MSTR_E_CONFIG, "%s: %s", folder, strerror(errno));
        }
        *slash = '/';
    }
    if (lstat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
        return mstr_error_set(tool->error, MSTR_E_CONFIG, "%s is not a file of a saved session", path);
    }
    return MSTR_OK;
}

bool session_file_can_be_replaced(const char *path)
{
    char folder[PATH_LIMIT];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder] = '\0'; /* that of the root stays */
    }
    return access(slash != NULL ? folder : ".", W_OK) == 0;
}

enum mstr_code session_file_new(struct tool *tool, uint32_t flags, mstr_session **out)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    enum mstr_code code = tool_context(tool);
    options.flags = flags | MSTR_SESSION_AWAIT_LOGIN;
    options.profile = tool->profile;
    options.timeout = deadline_left(tool);
    options.cancel = tool->cancel;
    return code == MSTR_OK ? mstr_session_new(tool->context, &options, out, tool->error) : code;
}

enum mstr_code session_file_load(struct tool *tool, const char *path, uint32_t flags, mstr_session **out)
{
    mstr_call_options call = tool_call(tool);
    enum mstr_code code = session_file_new(tool, flags, out);
    if (code == MSTR_OK) {
        code = mstr_session_load(*out, path, &call, tool->error);
    }
    if (code == MSTR_E_NOT_FOUND) {
        code =
            mstr_error_set(tool->error, code, "there is no saved session in %s; mstr session login makes one", path);
    }
    return code;
}

enum mstr_code session_file_save(struct tool *tool, const char *path, mstr_session *session)
{
    mstr_call_options call = tool_call(tool);
    return mstr_session_save(session, path, &call, tool->error);
}

void session_file_leave(mstr_session *session)
{
    if (session != NULL) {
        mstr_session_forget(session);
        mstr_session_free(session);
    }
}
