/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What doctor found, as text, as JSON, or as a bundle for a ticket. A bundle has of each subject and step what stands
 * in a list of what may be told; everything else, names of steps that plugins chose included, is left out or has a
 * pseudonym.
 */
#ifndef MSTR_CLI_DOCTOR_REPORT_H
#define MSTR_CLI_DOCTOR_REPORT_H

#include "pseudonyms.h"

#include <mstr/mstr.h>
#include <stdbool.h>

enum doctor_form { DOCTOR_TEXT, DOCTOR_JSON, DOCTOR_BUNDLE };

/* Begin with {.form = …}. */
struct doctor_report {
    enum doctor_form form;
    bool ids;        /* request ids are in the bundle too */
    size_t subjects; /* so far */
    size_t steps;    /* of the present subject */
    struct pseudonyms pseudonyms;
};

/* A subject begins: `kind` is a word for the bundle, `title` what people are told. */
void doctor_begin(struct doctor_report *report, const char *kind, const char *title);
/* As mstr_explain_fn; `data` is the report. */
int doctor_step(const mstr_explain_step *step, void *data);
/* A step that only informs. */
int doctor_tell(struct doctor_report *report, const char *name, const char *detail, const char *hint);
/* The subject ends, with MSTR_OK or what is in `error`. */
void doctor_end(struct doctor_report *report, enum mstr_code code, const mstr_error *error);
/* All is told. */
void doctor_finish(struct doctor_report *report);

#endif
