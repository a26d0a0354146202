/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a report as a table and prints it, a line a row, tabs between the columns. Numbers are added up on the way.
 *
 *     cc report_table.c $(pkg-config --cflags --libs libmstr) -o report_table
 *     ./report_table PROJECT REPORT [FILTER...]
 */
#include <mstr/mstr.h>

#include <stdio.h>

static void print_columns(const mstr_table *table)
{
    size_t count = mstr_table_columns(table);
    for (size_t i = 0; i < count; i++) {
        printf("%s%c", mstr_table_column(table, i)->label, i + 1 < count ? '\t' : '\n');
    }
}

/* A null is printed as "-", which an empty text is not. */
static void print_row(const mstr_table *table, double *sum)
{
    size_t count = mstr_table_columns(table);
    for (size_t i = 0; i < count; i++) {
        const char *text = mstr_table_text(table, i, NULL);
        double number = 0;
        printf("%s%c", text != NULL ? text : "-", i + 1 < count ? '\t' : '\n');
        *sum += mstr_table_double(table, i, &number) ? number : 0;
    }
}

static enum mstr_code read_report(mstr_session *session, const mstr_table_request *request, mstr_error *error)
{
    mstr_table *table = NULL;
    double sum = 0;
    int row = 1;
    enum mstr_code code = mstr_table_open(session, request, &table, error);
    if (code == MSTR_OK) {
        print_columns(table);
    }
    while (code == MSTR_OK && row) {
        code = mstr_table_next(table, &row, error);
        if (code == MSTR_OK && row) {
            print_row(table, &sum);
        }
    }
    if (code == MSTR_OK) { /* all rows came: their number was what the server had said */
        fprintf(stderr, "%lld rows, sum %.2f\n", (long long)mstr_table_expected(table), sum);
    }
    mstr_table_free(table);
    return code;
}

int main(int argc, char **argv)
{
    mstr_context *context = NULL;
    mstr_session *session = NULL;
    mstr_error *error = mstr_error_new();
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    if (argc < 3) {
        fprintf(stderr, "usage: report_table PROJECT REPORT [FILTER...]\n");
        return 2;
    }
    request.project = argv[1];
    request.object = argv[2];
    request.filters = (const char *const *)argv + 3;
    request.filter_count = (size_t)argc - 3;
    enum mstr_code code = mstr_context_new(NULL, &context, error);
    code = code == MSTR_OK ? mstr_session_new(context, NULL, &session, error) : code;
    code = code == MSTR_OK ? mstr_session_open(session, NULL, error) : code;
    code = code == MSTR_OK ? read_report(session, &request, error) : code;
    if (code != MSTR_OK) {
        fprintf(stderr, "report_table: %s\n", mstr_error_message(error));
        if (mstr_error_hint(error) != NULL) {
            fprintf(stderr, "%s\n", mstr_error_hint(error));
        }
    }
    mstr_session_free(session);
    mstr_context_free(context);
    mstr_error_free(error);
    return code == MSTR_OK ? 0 : 1;
}
