/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with the simulator's MicroStrategy for the tests of one program: one simulator and one context for all of
 * them, everything as at the start before each.
 */
#ifndef MSTR_TESTS_SUPPORT_SESSION_H
#define MSTR_TESTS_SUPPORT_SESSION_H

#include "support/context.h"
#include "support/simulator.h"
#include "support/unit.h"

#include <mstr/mstr.h>
#include <stdio.h>

static struct simulator *sim;
static mstr_context *context;
static mstr_error *problem;

static inline int start(void **state)
{
    (void)state;
    sim = simulator_start(NULL, 0);
    context = test_context("");
    problem = mstr_error_new();
    return 0;
}

static inline int stop(void **state)
{
    (void)state;
    mstr_error_free(problem);
    mstr_context_free(context);
    simulator_stop(sim);
    return 0;
}

static inline int reset(void **state)
{
    (void)state;
    simulator_reset(sim);
    mstr_error_clear(problem);
    return 0;
}

/* With the simulator's base URL. */
static inline mstr_session *make_with(const mstr_session_options *options)
{
    char base[256];
    mstr_session *session = NULL;
    snprintf(base, sizeof(base), "%.*s/MicroStrategyLibrary/api",
             (int)strcspn(simulator_url(sim, "mstr") + strlen("http://"), "/") + (int)strlen("http://"),
             simulator_url(sim, "mstr"));
    assert_int_equal(mstr_session_new(context, options, &session, problem), MSTR_OK);
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(base));
    return session;
}

static inline mstr_session *make(uint32_t flags, enum mstr_login_mode mode)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE | flags;
    options.login_mode = mode;
    return make_with(&options);
}

static inline void give(mstr_session *session, enum mstr_credential_kind kind, const char *text)
{
    assert_int_equal(mstr_session_set_credential(session, kind, mstr_credential_literal(text)), MSTR_OK);
}

static inline mstr_session *make_analyst(uint32_t flags)
{
    mstr_session *session = make(flags, MSTR_LOGIN_GUESS);
    give(session, MSTR_CREDENTIAL_USERNAME, "analyst");
    give(session, MSTR_CREDENTIAL_PASSWORD, "Simul8-analyst");
    return session;
}

static inline void assert_done(enum mstr_code code)
{
    if (code != MSTR_OK) {
        fail_msg("%s: %s", mstr_code_name(code), mstr_error_message(problem));
    }
}

static inline mstr_session *open_analyst(uint32_t flags)
{
    mstr_session *session = make_analyst(flags);
    assert_done(mstr_session_open(session, NULL, problem));
    return session;
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

#endif
