/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trusted file is for, which decides how strict its folders are.
 */
#ifndef MSTR_BASE_TRUSTED_KIND_H
#define MSTR_BASE_TRUSTED_KIND_H

enum trusted_kind {
    TRUSTED_CONFIGURATION, /* may stand in a sticky folder; may be /dev/null or the user's own pipe */
    TRUSTED_PLUGIN,
    TRUSTED_PROGRAM /* or script; need not be readable */
};

#endif
