/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lack of descriptors: a reference is asked for in a process of its own, whose limit of open files leaves from none
 * to several, until it is answered. Each failure before must say what is lacking.
 */
#ifndef MSTR_TESTS_SUPPORT_FEW_FILES_H
#define MSTR_TESTS_SUPPORT_FEW_FILES_H

#include "support/context.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* In the child; its exit status. */
static inline int ask_with_few_files(const char *config, const char *reference)
{
    enum { MOST = 32 };
    struct rlimit wide;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = MSTR_OK;
    int last = dup(0); /* the lowest that was free */
    getrlimit(RLIMIT_NOFILE, &wide);
    for (int left = 0; left < MOST; left++) {
        const struct rlimit few = {(rlim_t)(last + 1 + left), wide.rlim_max};
        mstr_secret *secret = NULL;
        mstr_context *context = test_context(config);
        setrlimit(RLIMIT_NOFILE, &few);
        code = mstr_context_get(context, reference, NULL, &secret, error);
        setrlimit(RLIMIT_NOFILE, &wide);
        mstr_secret_release(secret);
        mstr_context_free(context);
        if (code == MSTR_OK) {
            mstr_error_free(error);
            return left > 0 ? 0 : 2;
        }
        if (strstr(mstr_error_message(error), strerror(EMFILE)) == NULL) {
            fprintf(stderr, "%d left: %s\n", left, mstr_error_message(error));
            return 1;
        }
    }
    return 3;
}

static inline void assert_few_files_are_told(const char *config, const char *reference)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(ask_with_few_files(config, reference));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#endif
