/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/refused_login.c: nothing that was refused is sent again, and old values are looked up anew */
#include "session/login/refused_login.h"

#include "given.h"

/* A session whose password is a reference to the test's store, which the cache has taken. */
static struct mounted *new_with_cached_password(const char *password, const struct route *routes, size_t count)
{
    struct mounted *mounted = mounted_new(routes, count);
    given_store(mounted, password);
    mounted_done(mounted, given_do(mounted, refused_login_try_twice));
    mounted_forget(mounted);
    return mounted;
}

/* A login is granted and the next one refused, as after a rotation. */
static const struct route refused_later[] = {
    {"POST auth/login", 204, NULL, "X-MSTR-AuthToken: first", 1, MSTR_OK},
    {"POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"bad login\"}", NULL, 1, MSTR_OK},
};

static void a_refused_cached_password_is_looked_up_once_more_and_tried_only_if_it_changed(void **state)
{
    static const struct {
        const char *then;
        unsigned sent;
        enum mstr_code code;
    } cases[] = {{"rotated", 2, MSTR_OK}, {"old", 1, MSTR_E_AUTHENTICATION}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = new_with_cached_password("old", refused_later, 2);
        store.value = cases[i].then;

        assert_int_equal(given_do(mounted, refused_login_try_twice), cases[i].code);

        assert_int_equal(mounted->sent, cases[i].sent);
        assert_non_null(strstr(mounted->body, cases[i].then));
        assert_int_equal(store.calls, 2);
        mounted_free(mounted);
    }
}

static void what_was_refused_is_not_sent_again_until_the_store_has_another(void **state)
{
    struct mounted *mounted = new_with_cached_password("old", refused_later, 2);
    (void)state;
    assert_int_equal(given_do(mounted, refused_login_try_twice), MSTR_E_AUTHENTICATION);
    mounted_forget(mounted);

    for (int i = 0; i < 5; i++) {
        assert_int_equal(given_do(mounted, refused_login_try_twice), MSTR_E_AUTHENTICATION);
    }

    assert_told(mounted, "they are not sent again for");
    assert_non_null(strstr(mstr_error_hint(mounted->error), "values that changed are tried at once"));
    assert_int_equal(mounted->sent, 0);
    assert_int_equal(store.calls, 2); /* a store is not asked in a loop either */
    mstr_session_forget(mounted->session);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_reference("st:other"));
    store.value = "rotated";
    mounted_done(mounted, given_do(mounted, refused_login_try_twice));
    mounted_free(mounted);
}

static void a_store_that_fails_has_no_better_password(void **state)
{
    struct mounted *mounted = new_with_cached_password("old", refused_later, 2);
    (void)state;
    store.code = MSTR_E_DENIED;

    assert_int_equal(given_do(mounted, refused_login_try_twice), MSTR_E_AUTHENTICATION);

    assert_int_equal(mounted->sent, 1);
    assert_int_equal(store.calls, 2);
    mounted_free(mounted);
}

static void a_login_that_others_are_at_is_waited_for_within_the_limits(void **state)
{
    const struct limits limits = {clock_monotonic(), NULL};
    struct mounted *mounted = mounted_new(NULL, 0);
    struct refusals *refusals = context_refusals(mounted->context);
    struct login_values values;
    struct buffer tried = BUFFER_INIT;
    struct trial trial;
    bool look = false;
    (void)state;
    mounted->session->remembers = true;
    mounted_done(mounted, given_values(mounted, &values));
    login_values_put_tried(mounted->session, &values, &tried);
    assert_int_equal(refusals_enter(refusals, NULL, &tried, &limits, &trial), MSTR_OK);

    assert_int_equal(refused_login_try(mounted->session, &values, &limits, &look, mounted->error), MSTR_E_TIMEOUT);

    assert_told(mounted, " while another login with the same credentials was under way");
    assert_int_equal(mounted->sent, 0);
    refusals_leave(refusals, &trial, MSTR_OK);
    buffer_release(&tried);
    login_values_release(&values);
    mounted_free(mounted);
}

static void what_the_program_gives_itself_is_sent_as_often_as_it_wishes(void **state)
{
    static const struct route routes[] = {{"POST auth/login", 401, "{\"code\":\"ERR003\"}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_new(routes, 1);
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(given_do(mounted, refused_login_try_twice), MSTR_E_AUTHENTICATION);
    }
    assert_int_equal(mounted->sent, 2);
    mounted_free(mounted);
}

/* Another process's record: what the session would try was refused a moment ago. */
static void note_refused(const struct mounted *mounted, const struct login_values *values,
                         struct refusal_record *record)
{
    const int64_t now = clock_monotonic();
    const struct refusal refusal = {.times = 1, .tries = {now}, .until = now + 60 * 1000, .at = now};
    unsigned char digest[REFUSAL_DIGEST];
    struct buffer tried = BUFFER_INIT;
    assert_true(refusal_record_begin(record));
    login_values_put_tried(mounted->session, values, &tried);
    assert_true(refusal_digest(record->key, &tried, digest));
    refusal_record_set(record, digest, &refusal);
    buffer_release(&tried);
}

static void what_the_program_gives_itself_is_remembered_where_many_would_try_it(void **state)
{
    static const struct route routes[] = {{"POST auth/login", 401, "{\"code\":\"ERR003\"}", NULL, 0, MSTR_OK}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct mounted *mounted = mounted_new(routes, 1);
        struct login_values values;
        struct refusal_record record;
        mounted_done(mounted, given_values(mounted, &values));
        note_refused(mounted, &values, &record);
        mounted->session->remembers = i == 0;
        mounted->session->refused_elsewhere = i == 0 ? NULL : &record;
        if (i == 0) {
            assert_int_equal(given_do(mounted, refused_login_try_twice), MSTR_E_AUTHENTICATION);
        }

        assert_int_equal(given_do(mounted, refused_login_try_twice), MSTR_E_AUTHENTICATION);

        assert_told(mounted, "they are not sent again for");
        assert_int_equal(mounted->sent, i == 0 ? 1 : 0);
        mounted->session->refused_elsewhere = NULL;
        login_values_release(&values);
        mounted_free(mounted);
    }
}

static void cached_values_that_others_were_refused_are_fetched_anew_before_they_are_tried(void **state)
{
    const struct limits limits = {clock_monotonic() + 60000, NULL};
    struct mounted *mounted = new_with_cached_password("old", NULL, 0);
    struct login_values values;
    struct refusal_record record;
    (void)state;
    mounted_done(mounted, given_values(mounted, &values));
    store.value = "rotated";
    mounted_done(mounted, refused_login_freshen(mounted->session, &values, &limits, mounted->error));
    assert_string_equal(mstr_secret_octets(login_value(&values, 1)), "old");
    assert_true(refusal_record_begin(&record));
    mounted->session->refused_elsewhere = &record; /* which knows nothing of it */
    mounted_done(mounted, refused_login_freshen(mounted->session, &values, &limits, mounted->error));
    assert_string_equal(mstr_secret_octets(login_value(&values, 1)), "old");
    note_refused(mounted, &values, &record);

    mounted_done(mounted, refused_login_freshen(mounted->session, &values, &limits, mounted->error));

    assert_string_equal(mstr_secret_octets(login_value(&values, 1)), "rotated");
    mounted->session->refused_elsewhere = NULL;
    login_values_release(&values);
    mounted_free(mounted);
}

static void that_they_cannot_be_fetched_anew_is_told(void **state)
{
    const struct limits limits = {clock_monotonic() + 60000, NULL};
    struct mounted *mounted = new_with_cached_password("old", NULL, 0);
    struct login_values values;
    struct refusal_record record;
    (void)state;
    mounted_done(mounted, given_values(mounted, &values));
    note_refused(mounted, &values, &record);
    mounted->session->refused_elsewhere = &record;
    store.code = MSTR_E_DENIED;

    assert_int_equal(refused_login_freshen(mounted->session, &values, &limits, mounted->error), MSTR_E_DENIED);

    mounted->session->refused_elsewhere = NULL;
    login_values_release(&values);
    mounted_free(mounted);
}

static int64_t monotonic;

static int64_t tell_monotonic(void)
{
    return monotonic;
}

static void what_others_were_refused_waits_and_other_values_do_not(void **state)
{
    static const struct clock_source source = {.monotonic = tell_monotonic};
    struct mounted *mounted = mounted_new(NULL, 0);
    struct login_values values;
    struct refusal_record record;
    (void)state;
    monotonic = clock_monotonic();
    clock_replace(&source);
    mounted_done(mounted, given_values(mounted, &values));
    note_refused(mounted, &values, &record);

    monotonic += 999;
    assert_true(refused_login_waits(mounted->session, &values, &record, mounted->error));

    assert_told(mounted, "they are not sent again for 60 s, lest the account be locked");
    assert_string_equal(mstr_error_step(mounted->error), "login");
    mstr_error_clear(mounted->error);
    monotonic += 60 * 1000;
    assert_false(refused_login_waits(mounted->session, &values, &record, mounted->error));
    assert_int_equal(mstr_error_code(mounted->error), MSTR_OK);
    monotonic -= 60 * 1000;
    login_values_release(&values);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal("other"));
    mounted_done(mounted, given_values(mounted, &values));
    assert_false(refused_login_waits(mounted->session, &values, &record, NULL));
    login_values_release(&values);
    mounted_free(mounted);
    clock_replace(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_cached_password_is_looked_up_once_more_and_tried_only_if_it_changed),
        cmocka_unit_test(what_was_refused_is_not_sent_again_until_the_store_has_another),
        cmocka_unit_test(a_store_that_fails_has_no_better_password),
        cmocka_unit_test(a_login_that_others_are_at_is_waited_for_within_the_limits),
        cmocka_unit_test(what_the_program_gives_itself_is_sent_as_often_as_it_wishes),
        cmocka_unit_test(what_the_program_gives_itself_is_remembered_where_many_would_try_it),
        cmocka_unit_test(cached_values_that_others_were_refused_are_fetched_anew_before_they_are_tried),
        cmocka_unit_test(that_they_cannot_be_fetched_anew_is_told),
        cmocka_unit_test(what_others_were_refused_waits_and_other_values_do_not),
    };
    return RUN_TESTS("session/login/refused_login");
}
