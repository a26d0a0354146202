/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking whoever sits at the terminal, whatever standard input and output are connected to; what is typed is not
 * shown.
 */
#ifndef MSTR_CLI_TERMINAL_H
#define MSTR_CLI_TERMINAL_H

#include <mstr/mstr.h>

/* As mstr_prompt_fn. MSTR_E_NOT_AVAILABLE when the process has no terminal. */
enum mstr_code terminal_ask(const mstr_question *question, char *answer, size_t size, void *data);

#endif
