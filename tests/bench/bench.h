/* SPDX-License-Identifier: Apache-2.0 */
/* What benchmarks begin with: giving up, a provider that answers at once, and a session at the simulator. */
#ifndef MSTR_TESTS_BENCH_BENCH_H
#define MSTR_TESTS_BENCH_BENCH_H

#include <mstr/mstr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void need(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "the benchmark has to do without %s\n", what);
        exit(1);
    }
}

/* --- the provider "bench" --------------------------------------------------------------------------------------- */

static const struct mstr_host *bench_host;

static inline enum mstr_code bench_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

static inline void bench_resolve(void *self, struct mstr_request *const *requests, size_t count,
                                 const struct mstr_call *call)
{
    static const char value[] = "{\"username\":\"user\",\"password\":\"word\"}";
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        bench_host->set_value(requests[i], value, strlen(value), NULL);
    }
}

static inline const struct mstr_provider *bench_entry(const struct mstr_host *host)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "bench",
        .version = "1",
        .summary = "gives one value",
        .create = bench_create,
        .resolve = bench_resolve,
    };
    bench_host = host;
    return &provider;
}

/* A context with that provider, of a configuration or of none. */
static inline mstr_context *bench_context(const char *config)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    options.flags = config == NULL ? MSTR_CONTEXT_NO_CONFIG | MSTR_CONTEXT_NO_ENVIRONMENT : 0;
    options.config_file = config;
    need(mstr_context_new(&options, &context, NULL) == MSTR_OK, "a context");
    need(mstr_context_register(context, "bench", bench_entry, NULL, NULL) == MSTR_OK, "the provider");
    return context;
}

/* --- the session ------------------------------------------------------------------------------------------------ */

/* Of "analyst", as the simulator knows him, or of nobody, where the server asks for none; NULL = no project. */
static inline mstr_session *bench_session(mstr_context *context, const char *base, const char *user,
                                          const char *project)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.project = project;
    options.login_mode = user != NULL ? MSTR_LOGIN_STANDARD : MSTR_LOGIN_ANONYMOUS;
    need(mstr_session_new(context, &options, &session, NULL) == MSTR_OK, "a session");
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(base));
    if (user != NULL) {
        mstr_session_set_credential(session, MSTR_CREDENTIAL_USERNAME, mstr_credential_literal(user));
        mstr_session_set_credential(session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal("Simul8-analyst"));
    }
    need(mstr_session_open(session, NULL, NULL) == MSTR_OK, "the login");
    return session;
}

#define BENCH_PROJECT "B7CA92F04B9FAE8D941C3E9B7E0CD754" /* of the simulator */

#endif
