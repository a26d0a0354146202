/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with what a test gives them to log in with, and the steps of a login one by one.
 */
#ifndef MSTR_TESTS_UNIT_SESSION_LOGIN_GIVEN_H
#define MSTR_TESTS_UNIT_SESSION_LOGIN_GIVEN_H

#include "base/clock.h"
#include "session/login/login_values.h"
#include "support/mounted.h"
#include "support/store.h"

struct given { /* NULL = none */
    const char *username;
    const char *password;
    const char *api_key;
    const char *identity_token;
};

/* A session with these credentials alone. */
static inline struct mounted *given_new(enum mstr_login_mode mode, struct given given)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = mode;
    options.login_fields = "{\"workingSet\":20}";
    const struct {
        enum mstr_credential_kind kind;
        const char *text;
    } credentials[] = {
        {MSTR_CREDENTIAL_USERNAME, given.username},
        {MSTR_CREDENTIAL_PASSWORD, given.password},
        {MSTR_CREDENTIAL_API_KEY, given.api_key},
        {MSTR_CREDENTIAL_IDENTITY_TOKEN, given.identity_token},
    };
    struct mounted *mounted = mounted_new_with(&options, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        mstr_credential_release(mounted->session->credentials[credentials[i].kind]);
        mounted->session->credentials[credentials[i].kind] =
            credentials[i].text != NULL ? mstr_credential_literal(credentials[i].text) : NULL;
    }
    return mounted;
}

/* The values of the session's login, as far as they are before anything is sent. */
static inline enum mstr_code given_values(const struct mounted *mounted, struct login_values *values)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    const struct login_mode *mode = NULL;
    *values = (struct login_values){.mode = NULL};
    enum mstr_code code = session_prepare(mounted->session, &limits, mounted->error);
    code = code == MSTR_OK ? login_choose_mode(mounted->session, &mode, mounted->error) : code;
    code = code == MSTR_OK ? login_values_resolve(mounted->session, mode, mode->need_count, false, &limits, values,
                                                  mounted->error)
                           : code;
    return code == MSTR_OK ? login_values_keep_network(mounted->session, values, mounted->error) : code;
}

/* One of the steps of a login. */
typedef enum mstr_code (*given_step)(mstr_session *session, const struct login_values *values,
                                     const struct limits *limits, mstr_error *error);

/* The step with the values of the session's login. */
static inline enum mstr_code given_do(struct mounted *mounted, given_step step)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    struct login_values values;
    enum mstr_code code = given_values(mounted, &values);
    code = code == MSTR_OK ? step(mounted->session, &values, &limits, mounted->error) : code;
    login_values_release(&values);
    return code;
}

/* The password becomes a reference to the test's store. */
static inline void given_store(struct mounted *mounted, const char *password)
{
    store_reset(password);
    assert_int_equal(mstr_context_register(mounted->context, "st", store_batching, NULL, NULL), MSTR_OK);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_reference("st:password"));
}

#endif
