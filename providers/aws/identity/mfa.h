/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes of multi-factor devices: asked of a person just before a role is assumed, good for one call alone.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_MFA_H
#define MSTR_PROVIDERS_AWS_IDENTITY_MFA_H

#include <mstr/provider.h>

/* Room for what a person types, and its NUL: the six digits and a stray blank or two. */
enum { MFA_ANSWER = 16 };

/* Asks for the code of a device, which `role` needs; `answer` is to be wiped by the caller. MSTR_E_AUTHENTICATION
 * when there is nobody to ask or the answer is no code. */
enum mstr_code mfa_ask(const char *device, const char *role, const struct mstr_call *call, char answer[MFA_ANSWER],
                       struct mstr_error *error);
/* Adds to a refusal of STS what it means for the code that was sent. */
void mfa_explain(struct mstr_error *error);

#endif
