/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What doctor tells of a profile's login: both ways to a session, through the agent and directly, each with its steps
 * and times. It logs in where it was asked to, or where no agent has a session; but at most once a minute for an
 * account, and never with what was refused lately (contract of the tool, doctor).
 */
#ifndef MSTR_CLI_DOCTOR_LOGIN_H
#define MSTR_CLI_DOCTOR_LOGIN_H

#include "doctor_report.h"
#include "tool.h"

enum { DOCTOR_LOGIN_UNKNOWN = -1 };

/* The subject "login"; `wanted` is --login. Its status; DOCTOR_LOGIN_UNKNOWN where nothing failed, and a login was
 * not tried. */
int doctor_login(struct tool *tool, struct doctor_report *report, bool wanted);

#endif
