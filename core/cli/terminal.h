/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking whoever sits at the terminal, whatever standard input and output are connected to. Of a question, what would
 * command the terminal is shown as "?".
 */
#ifndef MSTR_CLI_TERMINAL_H
#define MSTR_CLI_TERMINAL_H

#include "tool.h"

/* As mstr_prompt_fn. MSTR_E_NOT_AVAILABLE when the process has no terminal. What is typed is not shown. */
enum mstr_code terminal_ask(const mstr_question *question, char *answer, size_t size, void *data);
/* The same for what is no secret, within the limits of the run: what is typed is shown. */
enum mstr_code terminal_ask_shown(const struct tool *tool, const char *text, char *answer, size_t size);
bool terminal_is_there(void);

#endif
