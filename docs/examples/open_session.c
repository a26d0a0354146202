/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens a session of the configured profile and lists the projects. Where the URL, the user name and the password are
 * is the configuration's affair: this program never sees them.
 *
 *     cc open_session.c $(pkg-config --cflags --libs libmstr) -o open_session
 */
#include <mstr/mstr.h>

#include <stdio.h>

static int print_project(const mstr_project *project, void *data)
{
    (void)data;
    printf("%s\t%s\n", project->id, project->name);
    return 0;
}

int main(void)
{
    mstr_context *context = NULL; /* configuration, providers, cache: one for the whole program */
    mstr_session *session = NULL; /* may be used by many threads at once */
    mstr_error *error = mstr_error_new();

    enum mstr_code code = mstr_context_new(NULL, &context, error);
    if (code == MSTR_OK) {
        code = mstr_session_new(context, NULL, &session, error); /* nothing is fetched yet */
    }
    if (code == MSTR_OK) {
        code = mstr_session_open(session, NULL, error); /* fetches the credentials, logs in, wipes them */
    }
    if (code == MSTR_OK) {
        code = mstr_session_projects(session, print_project, NULL, error);
    }
    if (code != MSTR_OK) {
        fprintf(stderr, "open_session: %s\n", mstr_error_message(error));
        if (mstr_error_hint(error) != NULL) {
            fprintf(stderr, "hint: %s\n", mstr_error_hint(error));
        }
    }
    mstr_session_free(session); /* logs out */
    mstr_context_free(context);
    mstr_error_free(error);
    return code == MSTR_OK ? 0 : 1;
}
