/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The developer's tools: programs that somebody has logged in with, run without a shell and away from the caller's
 * working directory, and what they print.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_TOOL_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_TOOL_H

#include "azure/identity/identity.h"

/* One of them: what tells that nobody is logged in, and which members of the JSON that it prints hold what. */
struct tool {
    const char *name;        /* of the program */
    const char *log_in_hint; /* what to do about it */
    const char *signs[3];    /* in its messages, ended by NULL */
    const char *token;
    const char *type;    /* NULL = none */
    const char *seconds; /* since 1970; NULL = none */
    const char *date;    /* NULL = none */
    bool local;          /* the date is in this machine's time zone */
};

/* The tenant to name to a tool, "" for the one it is logged in to. */
enum mstr_code tool_tenant(const struct ask *ask, char tenant[TENANT_MAX + 1], struct mstr_error *error);
/* Runs it, for the account that is logged in, in this tenant. MSTR_E_NOT_AVAILABLE when it is not installed, or
 * nobody is logged in; MSTR_E_TIMEOUT names the option that waits longer. */
enum mstr_code tool_token(const struct turn *turn, const struct tool *tool, const char *const *argv,
                          const char *tenant, struct token *token, struct mstr_error *error);
/* Reads what it printed; nothing of it is quoted. Seen by tests. */
enum mstr_code tool_read(const struct tool *tool, const char *text, size_t length, struct token *token,
                         struct mstr_error *error);

#endif
