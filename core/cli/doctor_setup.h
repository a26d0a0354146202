/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What doctor tells of the configuration and of this installation, about which nobody is asked.
 */
#ifndef MSTR_CLI_DOCTOR_SETUP_H
#define MSTR_CLI_DOCTOR_SETUP_H

#include "doctor_report.h"
#include "tool.h"

/* What takes protection away; not at all where there is nothing. */
void doctor_weakenings(struct tool *tool, struct doctor_report *report);
/* What "config check" says of a profile's section. */
void doctor_configuration(struct tool *tool, struct doctor_report *report, const char *section);
/* What there is to work with: this program, the files of its configuration, and its plugins. */
void doctor_installation(struct tool *tool, struct doctor_report *report);
/* Whom TLS trusts, where it is not the system's roots alone: a step of the subject that was begun. */
void doctor_trust(struct tool *tool, struct doctor_report *report);

#endif
