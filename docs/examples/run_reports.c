/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches the reports of a project, in pages, and prints the rows of one as they arrive.
 *
 *     cc run_reports.c $(pkg-config --cflags --libs libmstr) -o run_reports
 *     ./run_reports PROJECT REPORT
 */
#include <mstr/mstr.h>

#include <stdio.h>
#include <string.h>

static int print_row(const mstr_row *row, void *data)
{
    (void)data;
    for (size_t i = 0; i < row->label_count; i++) {
        printf("%s ", row->labels[i]);
    }
    for (size_t i = 0; i < row->value_count; i++) {
        printf("%s=%s%s", row->value_names[i], row->values[i] != NULL ? row->values[i] : "",
               i + 1 < row->value_count ? " " : "\n");
    }
    return 0; /* anything else would stop the run */
}

/* Prints each report whose name begins so, as JSON; keeps the id of the first. */
static enum mstr_code find_report(mstr_session *session, const char *project, const char *name, char id[33],
                                  mstr_error *error)
{
    const struct mstr_header query[] = {{"name", name}, {"pattern", "1"}, {"type", "3"}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = NULL;
    request.path = "searches/results";
    request.project = project;
    request.query = query;
    request.query_count = 3;
    enum mstr_code code = mstr_pages_new(session, &request, 0, &pages, error);
    while (code == MSTR_OK && (code = mstr_pages_next(pages, &item, NULL, error)) == MSTR_OK && item != NULL) {
        const char *at = strstr(item, "\"id\":\"");
        puts(item);
        if (*id == '\0' && at != NULL) {
            sscanf(at + strlen("\"id\":\""), "%32[0-9A-F]", id);
        }
    }
    mstr_pages_free(pages);
    return code;
}

int main(int argc, char **argv)
{
    mstr_context *context = NULL;
    mstr_session *session = NULL;
    mstr_error *error = mstr_error_new();
    mstr_execution execution = MSTR_EXECUTION_INIT;
    char id[33] = "";
    if (argc != 3) {
        fprintf(stderr, "usage: run_reports PROJECT REPORT\n");
        return 2;
    }
    enum mstr_code code = mstr_context_new(NULL, &context, error);
    code = code == MSTR_OK ? mstr_session_new(context, NULL, &session, error) : code;
    code = code == MSTR_OK ? mstr_session_open(session, NULL, error) : code;
    code = code == MSTR_OK ? find_report(session, argv[1], argv[2], id, error) : code;
    if (code == MSTR_OK) {
        execution.id = id;
        execution.project = argv[1];
        code = mstr_session_execute(session, &execution, print_row, NULL, error);
    }
    if (code != MSTR_OK) {
        fprintf(stderr, "run_reports: %s\n", mstr_error_message(error));
    }
    mstr_session_free(session);
    mstr_context_free(context);
    mstr_error_free(error);
    return code == MSTR_OK ? 0 : 1;
}
