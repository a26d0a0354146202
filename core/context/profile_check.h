/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keeps a session of a profile from opening, so far as the configuration alone tells: each thing that a session
 * looks at on its way is looked at by the same function here. Nothing is resolved and no network used.
 */
#ifndef MSTR_CONTEXT_PROFILE_CHECK_H
#define MSTR_CONTEXT_PROFILE_CHECK_H

#include "context/faults.h"

/* Whether the profile that is used unless a session names another is there, if somebody chose it or there are
 * others. */
void profile_check_chosen(struct faults *faults);
/* One [profile NAME]. */
void profile_check(struct faults *faults, const char *section);

#endif
