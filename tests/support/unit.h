/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every CMocka program includes, in the order that cmocka.h wants, and small helpers that several of them use.
 */
#ifndef MSTR_TESTS_SUPPORT_UNIT_H
#define MSTR_TESTS_SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Runs the array `tests` of struct CMUnitTest under the name of the tested file. */
#define RUN_TESTS(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* Passes over what valgrind does otherwise than the system; `does` says what. */
static inline void not_under_valgrind(const char *does)
{
#ifdef MSTR_VALGRIND
    print_message("valgrind %s\n", does);
    skip();
#else
    (void)does;
#endif
}

#endif
