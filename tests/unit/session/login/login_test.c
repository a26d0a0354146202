/* SPDX-License-Identifier: Apache-2.0 */
/* The login itself: which mode, what goes out, what the answer means, and when fresh credentials are tried. */
#include "session/login/login.h"

#include "base/clock.h"
#include "support/mounted.h"
#include "support/store.h"

static enum mstr_code log_in(struct mounted *mounted)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    return session_log_in(mounted->session, &limits, mounted->error);
}

struct given {
    const char *username;
    const char *password;
    const char *api_key;
    const char *identity_token;
};

/* With these credentials alone; NULL is none. */
static struct mounted *new_with(enum mstr_login_mode mode, struct given given, const struct route *routes,
                                size_t count)
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
    struct mounted *mounted = mounted_new_with(&options, routes, count);
    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        mstr_credential_release(mounted->session->credentials[credentials[i].kind]);
        mounted->session->credentials[credentials[i].kind] =
            credentials[i].text != NULL ? mstr_credential_literal(credentials[i].text) : NULL;
    }
    return mounted;
}

static void each_mode_sends_its_credentials_where_they_belong(void **state)
{
    static const struct {
        enum mstr_login_mode mode;
        struct given given;
        const char *line;
        const char *body;
    } cases[] = {
        {MSTR_LOGIN_GUESS,
         {"a\"n", "p", NULL, NULL},
         "POST auth/login\n",
         "{\"username\":\"a\\\"n\",\"password\":\"p\",\"loginMode\":1,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_LDAP,
         {"ann", "p", NULL, NULL},
         "POST auth/login\n",
         "{\"username\":\"ann\",\"password\":\"p\",\"loginMode\":16,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_GUESS,
         {"ann", "p", "key", NULL},
         "POST auth/login\n",
         "{\"username\":\"key\",\"loginMode\":4096,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_API_KEY,
         {"key", NULL, NULL, NULL},
         "POST auth/login\n",
         "{\"username\":\"key\",\"loginMode\":4096,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_GUESS,
         {"ann", "p", "key", "identity"},
         "POST auth/delegate\n",
         "{\"identityToken\":\"identity\",\"loginMode\":-1}"},
        {MSTR_LOGIN_ANONYMOUS,
         {"ann", "p", NULL, NULL},
         "POST auth/login\n",
         "{\"loginMode\":8,\"applicationType\":8,\"workingSet\":20}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = new_with(cases[i].mode, cases[i].given, NULL, 0);

        mounted_done(mounted, log_in(mounted));

        assert_string_equal(mounted->log, cases[i].line);
        assert_string_equal(mounted->body, cases[i].body);
        assert_true(mstr_session_is_open(mounted->session));
        mounted_free(mounted);
    }
}

static void what_a_mode_lacks_is_named_and_nothing_is_sent(void **state)
{
    static const struct {
        enum mstr_login_mode mode;
        struct given given;
        const char *part;
    } cases[] = {
        {MSTR_LOGIN_STANDARD, {"ann", NULL, NULL, NULL}, "the credential \"password\""},
        {MSTR_LOGIN_LDAP, {NULL, "p", NULL, NULL}, "the credential \"username\""},
        {MSTR_LOGIN_DELEGATE, {"ann", "p", NULL, NULL}, "the credential \"identity_token\""},
        {MSTR_LOGIN_GUESS, {"ann", NULL, NULL, NULL}, "username has no password beside it"},
        {MSTR_LOGIN_GUESS, {NULL, "p", NULL, NULL}, "password has no username beside it"},
        {MSTR_LOGIN_GUESS, {NULL, NULL, NULL, NULL}, "there are no credentials"},
        {MSTR_LOGIN_GUESS, {"ann", "", NULL, NULL}, "password resolved to an empty value"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = new_with(cases[i].mode, cases[i].given, NULL, 0);

        assert_int_equal(log_in(mounted), MSTR_E_CONFIG);

        assert_told(mounted, cases[i].part);
        assert_int_equal(mounted->sent, 0);
        mounted_free(mounted);
    }
}

static void a_refusal_is_told_as_one_of_the_login(void **state)
{
    static const struct {
        struct route route;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {{"POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"bad login\"}", NULL, 0, MSTR_OK},
         MSTR_E_AUTHENTICATION,
         "bad login"},
        {{"POST auth/login", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK}, MSTR_E_AUTHENTICATION, "login refused: "},
        {{"POST auth/login", 200, "<html>", NULL, 0, MSTR_OK}, MSTR_E_PROTOCOL, "HTTP status 200 without a token"},
        {{"POST auth/login", 204, NULL, "X-MSTR-AuthToken: ", 0, MSTR_OK}, MSTR_E_PROTOCOL, "without a token"},
        {{"POST auth/login", 0, NULL, NULL, 0, MSTR_E_TLS}, MSTR_E_TLS, "the line is dead"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_new(&cases[i].route, 1);

        assert_int_equal(log_in(mounted), cases[i].code);

        assert_told(mounted, cases[i].part);
        assert_string_equal(mstr_error_step(mounted->error), "login");
        assert_int_equal(mounted->sent, 1);
        assert_false(mstr_session_is_open(mounted->session));
        mounted_free(mounted);
    }
}

/* A session whose password is a reference to the test's store, which the cache has taken. */
static struct mounted *new_with_cached_password(const char *password, const struct route *routes, size_t count)
{
    struct mounted *mounted = mounted_new(routes, count);
    store_reset(password);
    assert_int_equal(mstr_context_register(mounted->context, "st", store_batching, NULL, NULL), MSTR_OK);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_reference("st:password"));
    mounted_done(mounted, log_in(mounted));
    mounted_forget(mounted);
    return mounted;
}

static void a_refused_cached_password_is_looked_up_once_more_and_tried_only_if_it_changed(void **state)
{
    static const struct route routes[] = {
        {"POST auth/login", 204, NULL, "X-MSTR-AuthToken: first", 1, MSTR_OK},
        {"POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"bad login\"}", NULL, 1, MSTR_OK},
    };
    static const struct {
        const char *then;
        unsigned sent;
        enum mstr_code code;
    } cases[] = {{"rotated", 2, MSTR_OK}, {"old", 1, MSTR_E_AUTHENTICATION}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = new_with_cached_password("old", routes, 2);
        store.value = cases[i].then;

        assert_int_equal(log_in(mounted), cases[i].code);

        assert_int_equal(mounted->sent, cases[i].sent);
        assert_non_null(strstr(mounted->body, cases[i].then));
        assert_int_equal(store.calls, 2);
        mounted_free(mounted);
    }
}

static void what_was_refused_is_not_sent_again_until_the_store_has_another(void **state)
{
    static const struct route routes[] = {
        {"POST auth/login", 204, NULL, "X-MSTR-AuthToken: first", 1, MSTR_OK},
        {"POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"bad login\"}", NULL, 1, MSTR_OK},
    };
    struct mounted *mounted = new_with_cached_password("old", routes, 2);
    (void)state;
    assert_int_equal(log_in(mounted), MSTR_E_AUTHENTICATION);
    mounted_forget(mounted);

    for (int i = 0; i < 5; i++) {
        assert_int_equal(log_in(mounted), MSTR_E_AUTHENTICATION);
    }

    assert_told(mounted, "they are not sent again for");
    assert_non_null(strstr(mstr_error_hint(mounted->error), "values that changed are tried at once"));
    assert_int_equal(mounted->sent, 0);
    assert_int_equal(store.calls, 2); /* a store is not asked in a loop either */
    mstr_session_forget(mounted->session);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_reference("st:other"));
    store.value = "rotated";
    mounted_done(mounted, log_in(mounted));
    mounted_free(mounted);
}

static void what_the_program_gives_itself_is_sent_as_often_as_it_wishes(void **state)
{
    static const struct route routes[] = {{"POST auth/login", 401, "{\"code\":\"ERR003\"}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_new(routes, 1);
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(log_in(mounted), MSTR_E_AUTHENTICATION);
    }
    assert_int_equal(mounted->sent, 2);
    mounted_free(mounted);
}

static void adopting_a_token_sends_nothing_and_adopting_cookies_asks_for_the_token(void **state)
{
    static const struct route routes[] = {{"GET auth/token", 204, NULL, "X-MSTR-AuthToken: browser", 0, MSTR_OK}};
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    mstr_secret *given = mstr_secret_new("given", 5);
    (void)state;
    for (int with_token = 0; with_token < 2; with_token++) {
        struct mounted *mounted = mounted_new(routes, 1);

        mounted_done(mounted, session_adopt(mounted->session, with_token ? given : NULL, &limits, mounted->error));

        mstr_secret *token = session_token(mounted->session);
        assert_string_equal(mstr_secret_octets(token), with_token ? "given" : "browser");
        assert_string_equal(mounted->log, with_token ? "" : "GET auth/token\n");
        assert_true(mounted->session->delegated);
        assert_string_equal(mounted->session->base, MOUNTED_BASE);
        mstr_secret_release(token);
        mounted_free(mounted);
    }
    mstr_secret_release(given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_sends_its_credentials_where_they_belong),
        cmocka_unit_test(what_a_mode_lacks_is_named_and_nothing_is_sent),
        cmocka_unit_test(a_refusal_is_told_as_one_of_the_login),
        cmocka_unit_test(a_refused_cached_password_is_looked_up_once_more_and_tried_only_if_it_changed),
        cmocka_unit_test(what_was_refused_is_not_sent_again_until_the_store_has_another),
        cmocka_unit_test(what_the_program_gives_itself_is_sent_as_often_as_it_wishes),
        cmocka_unit_test(adopting_a_token_sends_nothing_and_adopting_cookies_asks_for_the_token),
    };
    return RUN_TESTS("session/login/login");
}
