/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The visualizations of a dashboard: their keys by their names.
 */
#ifndef MSTR_SESSION_DOCUMENT_CHARTS_H
#define MSTR_SESSION_DOCUMENT_CHARTS_H

#include "session/table/report.h"

/* The key of what a program names, NULL = nothing. MSTR_E_USAGE, listing those that are there, where there is no such
 * one, or where several have the name. */
enum mstr_code charts_find(const struct report *document, const char *name, char key[REPORT_ID_MAX],
                           mstr_error *error);

#endif
