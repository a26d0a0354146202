/* SPDX-License-Identifier: Apache-2.0 */
/* Working on a session of one's own, or on the saved one. */
#include "session_use.h"

#include "context.h"
#include "failure.h"
#include "output.h"
#include "session_file.h"

#include <stdlib.h>
#include <string.h>

/* Whether both tell of the same session. */
static bool same(const mstr_secret *a, const mstr_secret *b)
{
    return a != NULL && b != NULL && mstr_secret_length(a) == mstr_secret_length(b) &&
           memcmp(mstr_secret_octets(a), mstr_secret_octets(b), mstr_secret_length(a)) == 0;
}

static void tell_not_renewed(struct tool *tool, const char *path)
{
    if (mstr_error_code(tool->error) == MSTR_E_SESSION && !tool->json) {
        output_puts(output_notes, "mstr: the session is not renewed, as nothing can be saved beside ");
        output_clean(output_notes, path);
        output_puts(output_notes, "\n");
    }
}

/* In a line beside what is told of the work. */
static void tell_not_saved(struct tool *tool, const mstr_error *why)
{
    if (!tool->json) {
        output_puts(output_notes, "mstr: the session is not saved: ");
        output_clean(output_notes, mstr_error_message(why));
        output_puts(output_notes, "\n");
    }
}

/* On the saved session, which is saved anew where the work changed it. A new one that cannot be kept is closed, as
 * nobody else would. */
static int use_saved(struct tool *tool, int (*work)(struct tool *tool, mstr_session *session, void *data), void *data)
{
    char *path = session_file_path(tool, tool->session_file);
    mstr_session *session = NULL;
    mstr_secret *before = NULL;
    mstr_secret *after = NULL;
    int status = STATUS_DONE;
    uint32_t flags = path != NULL && session_file_can_be_replaced(path) ? 0 : MSTR_SESSION_NO_RELOGIN;
    if (path == NULL || session_file_load(tool, path, flags, &session) != MSTR_OK ||
        mstr_session_export(session, &before, tool->error) != MSTR_OK) {
        status = tool_fail(tool);
        goto cleanup;
    }
    status = work(tool, session, data);
    if (flags != 0) {
        tell_not_renewed(tool, path);
    }
    if (mstr_session_export(session, &after, NULL) == MSTR_OK && !same(before, after) &&
        session_file_save(tool, path, session) != MSTR_OK) {
        if (status == STATUS_DONE) {
            status = tool_fail(tool);
        } else {
            tell_not_saved(tool, tool->error);
        }
        mstr_session_close(session, NULL);
    }

cleanup:
    mstr_secret_release(after);
    mstr_secret_release(before);
    session_file_leave(session);
    free(path);
    return status;
}

int tool_work(struct tool *tool, int (*work)(struct tool *tool, mstr_session *session, void *data), void *data)
{
    if (tool->saved || tool->session_file != NULL) {
        return use_saved(tool, work, data);
    }
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    enum mstr_code code = tool_session(tool, &options, &session);
    int status = code == MSTR_OK ? work(tool, session, data) : tool_fail(tool);
    tool_session_end(tool, session);
    return status;
}
