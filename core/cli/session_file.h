/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the tool keeps the saved session of a profile, and how it takes one up.
 */
#ifndef MSTR_CLI_SESSION_FILE_H
#define MSTR_CLI_SESSION_FILE_H

#include "tool.h"

/* The file that was given, or $XDG_STATE_HOME/mstr/PROFILE.session (default ~/.local/state), for free(). NULL after
 * having put the reason into tool->error. */
char *session_file_path(struct tool *tool, const char *given);
/* Called before there is a session to save, which could not be kept: makes the folders above the file, open to the
 * user alone, where they are missing, and refuses a device, pipe, folder or link in its place. */
enum mstr_code session_file_prepare(struct tool *tool, const char *path);
/* Whether its folder can be written to. A session in one that cannot is not to be renewed: each run would log in, and
 * leave nothing to the others. */
bool session_file_can_be_replaced(const char *path);
/* A session of the selected profile that is not open; `flags` as in mstr_session_options. */
enum mstr_code session_file_new(struct tool *tool, uint32_t flags, mstr_session **out);
/* The same, taken up from the file. */
enum mstr_code session_file_load(struct tool *tool, const char *path, uint32_t flags, mstr_session **out);
enum mstr_code session_file_save(struct tool *tool, const char *path, mstr_session *session);
/* Frees the session and leaves it open at the server; NULL is accepted. */
void session_file_leave(mstr_session *session);

#endif
