/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole program of the project in a child of the test: its main() is called program_main() there, see
 * mstr_program_test() in MstrTargets.cmake.
 */
#ifndef MSTR_TESTS_UNIT_CLI_PROGRAM_H
#define MSTR_TESTS_UNIT_CLI_PROGRAM_H

#include "unit/cli/harness.h"

#include <stdlib.h>

int program_main(int argc, char **argv);

/* A body for harness_fork(): runs the program with the words `data` points to, the last of which is NULL. */
static inline int program_run(void *data)
{
    const char *const *words = data;
    char *copies[32] = {"program"};
    int count = 1;
    for (; words[count - 1] != NULL; count++) {
        copies[count] = strdup(words[count - 1]);
    }
    int status = program_main(count, copies);
    while (--count > 0) {
        free(copies[count]);
    }
    return status;
}

/* run_program("get", "env:X"): its words up to a NULL that may be left out. */
#define run_program(...) harness_fork(program_run, (const char *[]){__VA_ARGS__, NULL, NULL})

#endif
