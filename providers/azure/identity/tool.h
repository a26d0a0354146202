/*
 * The developer's tools: programs that somebody has logged in with, run without a shell and away from the caller's
 * working directory, and what they print.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_TOOL_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_TOOL_H

#include "azure/identity/identity.h"
#include "sdk/process.h"

/* What a tool prints: which members of its JSON hold what. */
struct tool_answer {
    const char *token;
    const char *type;    /* NULL = none */
    const char *seconds; /* since 1970; NULL = none */
    const char *date;    /* NULL = none */
    bool local;          /* the date is in this machine's time zone */
};

/* Runs it for the account that is logged in, in this tenant ("" = its own). MSTR_E_NOT_AVAILABLE when it is not
 * installed; MSTR_E_TIMEOUT names the option that waits longer. */
enum mstr_code tool_run(const struct turn *turn, const char *const *argv, const char *tenant,
                        struct process_result *result, struct mstr_error *error);
/* The tenant to name to the tool, "" for the one it is logged in to. */
enum mstr_code tool_tenant(const struct ask *ask, char tenant[TENANT_MAX + 1], struct mstr_error *error);
/* Reads what `name` printed; nothing of it is quoted. */
enum mstr_code tool_read(const struct tool_answer *form, const char *name, const char *text, size_t length,
                         struct token *token, struct mstr_error *error);
/* Tells that it ended with a failure: MSTR_E_NOT_AVAILABLE with the hint when it is not logged in. */
enum mstr_code tool_failed(const char *name, const struct process_result *result, const char *const *signs,
                           const char *log_in, struct mstr_error *error);

#endif
