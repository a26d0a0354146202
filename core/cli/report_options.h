/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `mstr report` and `mstr cube` are asked for: their options, and the request that these make.
 */
#ifndef MSTR_CLI_REPORT_OPTIONS_H
#define MSTR_CLI_REPORT_OPTIONS_H

#include "answers.h"
#include "names.h"
#include "options.h"
#include "table_output.h"
#include "target.h"

struct report_job {
    mstr_table_request request;
    struct names attributes, metrics, forms, filters, page_by;
    char *view_filter; /* of --filter @FILE */
    struct answers answers;
    struct table_output output;
    struct target target;
};

extern const struct option report_options[];
extern const char *const report_formats[];

/* Takes the words of the command line in; STATUS_DONE, or a status after having told what is wrong. To be released in
 * each case. */
int report_options_read(struct tool *tool, struct arguments *arguments, struct report_job *job);
void report_options_release(struct report_job *job);

#endif
