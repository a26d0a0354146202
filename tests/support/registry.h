/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registry with its services, made from configuration text, for tests of what lies between plugins and values
 * without a context above it.
 */
#ifndef MSTR_TESTS_SUPPORT_REGISTRY_H
#define MSTR_TESTS_SUPPORT_REGISTRY_H

#include "support/store.h"

#include "base/clock.h"
#include "plugin/creation.h"

#include "builtin/builtin.h"

struct test_registry {
    struct log log;
    struct shared_client http;
    struct prompt prompt;
    struct services services;
    struct config *config;
    struct registry *registry;
};

/* Those of the library, and the store of store.h as one whose name anybody may take. */
static const struct builtin test_builtins[] = {
    {"env", env_provider_entry, true, true},
    {"exec", exec_provider_entry, true, false},
    {"file", file_provider_entry, true, true},
    {"shelf", store_batching, false, false},
    {NULL, NULL, false, false},
};

static inline struct limits test_limits(int64_t milliseconds)
{
    return (struct limits){.deadline = clock_monotonic() + milliseconds};
}

/* Services without log and plugins. */
static inline void test_services_make(struct test_registry *test)
{
    *test = (struct test_registry){.config = NULL};
    test->services = (struct services){.log = &test->log, .http = &test->http, .prompt = &test->prompt};
    assert_true(shared_client_init(&test->http, &test->log));
    assert_true(prompt_init(&test->prompt));
}

/* `plugin_path` is borrowed, NULL = the library's own folder alone. */
static inline void test_registry_make(struct test_registry *test, const char *config, const char *plugin_path)
{
    char *path = test_file(config, strlen(config));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    test_services_make(test);
    test->services.plugin_path = plugin_path;
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    assert_int_equal(config_read(&options, &test->config, NULL), MSTR_OK);
    test->registry = registry_new(&test->services, test->config, test_builtins);
    assert_non_null(test->registry);
    unlink(path);
    free(path);
}

static inline void test_registry_drop(struct test_registry *test)
{
    registry_free(test->registry);
    config_free(test->config);
    shared_client_destroy(&test->http);
    prompt_destroy(&test->prompt);
}

/* Asserts that an error tells `part` of its message, and `hint` of its hint unless that is NULL; clears it. */
static inline void assert_told(mstr_error *error, enum mstr_code code, const char *part, const char *hint)
{
    const char *held = mstr_error_hint(error);
    if (mstr_error_code(error) != code || strstr(mstr_error_message(error), part) == NULL) {
        fail_msg("%s \"%s\" is not %s \"%s\"", mstr_code_name(mstr_error_code(error)), mstr_error_message(error),
                 mstr_code_name(code), part);
    }
    if (hint != NULL && (held == NULL || strstr(held, hint) == NULL)) {
        fail_msg("the hint \"%s\" does not tell \"%s\"", held != NULL ? held : "", hint);
    }
    mstr_error_clear(error);
}

#endif
