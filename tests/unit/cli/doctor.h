/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of doctor share: servers, and logins that other tests know nothing of.
 */
#ifndef MSTR_TESTS_UNIT_CLI_DOCTOR_H
#define MSTR_TESTS_UNIT_CLI_DOCTOR_H

#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <stdio.h>
#include <stdlib.h>

static inline void doctor_forget_logins(void)
{
    static unsigned number;
    char name[32];
    snprintf(name, sizeof name, "state-%u", number++);
    setenv("XDG_STATE_HOME", harness_path(name), 1);
}

static inline int doctor_reset(void **state)
{
    int failure = harness_reset(state);
    doctor_forget_logins();
    return failure;
}

#define DOCTOR_TEST(name) cmocka_unit_test_setup(name, doctor_reset)

static const struct answer no_answers[] = {{NULL, NULL, NULL}};

static inline void assert_told(const struct outcome *done, const char *text)
{
    if (strstr(done->output, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, done->output);
    }
}

#endif
