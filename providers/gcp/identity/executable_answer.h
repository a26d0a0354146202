/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of executable-sourced credentials print (AIP-4117): one JSON object with a subject token, or why
 * there is none.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_EXECUTABLE_ANSWER_H
#define MSTR_PROVIDERS_GCP_IDENTITY_EXECUTABLE_ANSWER_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

/* Appends the token. */
enum mstr_code executable_answer_read(const char *text, size_t length, struct buffer *token,
                                      struct mstr_error *error);
/* Whether an answer that was kept in a file is still to be used: it tells of success, and of an end that is to
 * come. */
bool executable_answer_holds(const char *text, size_t length);

#endif
