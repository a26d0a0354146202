/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contexts made from configuration text, for tests of everything that a reference passes through.
 */
#ifndef MSTR_TESTS_SUPPORT_CONTEXT_H
#define MSTR_TESTS_SUPPORT_CONTEXT_H

#include "support/unit.h"

#include <mstr/context.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A file in a private place that holds `octets`; its path is for free() after unlink(). */
static inline char *test_file(const void *octets, size_t length)
{
    char *path = strdup("/tmp/mstr-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, length), (ssize_t)length);
    close(fd);
    return path;
}

/* A session that was saved there, and its lock. */
static inline void test_remove_saved(const char *path)
{
    char lock[128];
    snprintf(lock, sizeof(lock), "%s.lock", path);
    unlink(path);
    unlink(lock);
}

/* MSTR_E_… as mstr_context_new() gives; nothing but the text is read. */
static inline enum mstr_code test_context_try(const char *config, mstr_context **context, mstr_error *error)
{
    char *path = test_file(config, strlen(config));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    enum mstr_code code = mstr_context_new(&options, context, error);
    unlink(path);
    free(path);
    return code;
}

static inline mstr_context *test_context(const char *config)
{
    mstr_context *context = NULL;
    mstr_error *error = mstr_error_new();
    if (test_context_try(config, &context, error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(error));
    }
    mstr_error_free(error);
    return context;
}

/* Asserts that the reference has this value. */
static inline void assert_value(mstr_context *context, const char *reference, const void *octets, size_t length)
{
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    if (mstr_context_get(context, reference, NULL, &secret, error) != MSTR_OK) {
        fail_msg("%s: %s", reference, mstr_error_message(error));
    }
    assert_int_equal(mstr_secret_length(secret), length);
    assert_memory_equal(mstr_secret_octets(secret), octets, length);
    mstr_secret_release(secret);
    mstr_error_free(error);
}

static inline void assert_text(mstr_context *context, const char *reference, const char *text)
{
    assert_value(context, reference, text, strlen(text));
}

/* Asserts that the reference fails with this class, and with a message that has `part` in it. */
static inline void assert_failure(mstr_context *context, const char *reference, enum mstr_code code, const char *part)
{
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(mstr_context_get(context, reference, NULL, &secret, error), code);
    assert_null(secret);
    assert_int_equal(mstr_error_code(error), code);
    if (strstr(mstr_error_message(error), part) == NULL) {
        fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(error), part);
    }
    mstr_error_free(error);
}

#endif
