/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/credential.c, resolved by a context */
#include "support/store.h"

#include "context/context.h"

#include <stdio.h>
#include <unistd.h>

static struct callback {
    int calls;
    int freed;
    enum mstr_code code;
    const char *value; /* NULL = none is given */
    mstr_context *context;
} callback;

/* Uses the context meanwhile, which would wait forever if a lock were held. */
static enum mstr_code call_back(mstr_secret **value, mstr_error *error, void *data)
{
    struct callback *own = data;
    mstr_context_stats stats = {.size = sizeof(stats)};
    own->calls++;
    mstr_context_get_stats(own->context, &stats);
    mstr_context_invalidate(own->context, NULL);
    if (own->code != MSTR_OK) {
        mstr_error_set(error, own->code, "the badge reader is out of order");
        return own->code;
    }
    *value = own->value != NULL ? mstr_secret_new(own->value, strlen(own->value)) : NULL;
    return MSTR_OK;
}

static void free_data(void *data)
{
    ((struct callback *)data)->freed++;
}

static enum mstr_code resolve(mstr_context *context, struct credential_want *wants, size_t count, mstr_error *error)
{
    const struct limits limits = limits_of(NULL);
    return context_resolve(context, wants, count, false, &limits, error);
}

static void release(struct credential_want *wants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mstr_secret_release(wants[i].value);
        mstr_credential_release((mstr_credential *)(uintptr_t)wants[i].credential);
    }
}

static void every_origin_gives_its_value_and_an_absent_one_none(void **state)
{
    (void)state;
    store_reset("{\"user\":\"ann\",\"n\":7}");
    callback = (struct callback){.value = "called", .context = store_context("")};
    struct credential_want wants[] = {
        {.kind = MSTR_CREDENTIAL_BASE_URL, .credential = mstr_credential_literal("literal ${not:a#reference}")},
        {.kind = MSTR_CREDENTIAL_USERNAME, .credential = mstr_credential_reference("st:x#user")},
        {.kind = MSTR_CREDENTIAL_PASSWORD, .credential = mstr_credential_template("$${ ${st:x#n} and ${st:x#user}")},
        {.kind = MSTR_CREDENTIAL_API_KEY, .credential = mstr_credential_callback(call_back, &callback, free_data)},
        {.kind = MSTR_CREDENTIAL_IDENTITY_TOKEN},
    };
    static const char *const values[] = {"literal ${not:a#reference}", "ann", "${ 7 and ann", "called", NULL};
    assert_int_equal(callback.calls, 0); /* not before it is needed */

    assert_int_equal(resolve(callback.context, wants, COUNT_OF(wants), NULL), MSTR_OK);

    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        if (values[i] == NULL) {
            assert_null(wants[i].value);
        } else {
            assert_string_equal(mstr_secret_octets(wants[i].value), values[i]);
        }
    }
    assert_int_equal(callback.calls, 1);
    assert_int_equal(callback.freed, 0);
    assert_int_equal(store.requests, 1);
    release(wants, COUNT_OF(wants));
    assert_int_equal(callback.freed, 1);
    mstr_context_free(callback.context);
}

static void failure_names_the_credential_and_leaves_nothing(void **state)
{
    (void)state;
    store_reset("not json");
    callback = (struct callback){.context = store_context("")};
    static const struct {
        enum mstr_code callback_code;
        const char *reference; /* NULL = the callback fails */
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {MSTR_E_DENIED, NULL, MSTR_E_DENIED, "the badge reader is out of order"},
        {MSTR_OK, NULL, MSTR_E_CONFIG, "without giving a value"},
        {MSTR_OK, "st:x#user", MSTR_E_NOT_FOUND, "user"},
        {MSTR_OK, "st:", MSTR_E_CONFIG, "st:"},
        {MSTR_OK, "nowhere:x", MSTR_E_CONFIG, "nowhere"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        callback.code = cases[i].callback_code;
        struct credential_want wants[] = {
            {.kind = MSTR_CREDENTIAL_USERNAME, .credential = mstr_credential_literal("ann")},
            {.kind = MSTR_CREDENTIAL_PASSWORD,
             .credential = cases[i].reference != NULL ? mstr_credential_reference(cases[i].reference)
                                                      : mstr_credential_callback(call_back, &callback, NULL)},
        };
        assert_int_equal(resolve(callback.context, wants, COUNT_OF(wants), error), cases[i].code);
        assert_non_null(strstr(mstr_error_message(error), "password"));
        if (strstr(mstr_error_message(error), cases[i].told) == NULL) {
            fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(error), cases[i].told);
        }
        assert_null(wants[0].value);
        assert_null(wants[1].value);
        release(wants, COUNT_OF(wants));
        mstr_error_free(error);
    }
    mstr_context_free(callback.context);
}

static void alternatives_are_tried_only_for_what_is_not_there(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code; /* of the store */
        enum mstr_code outcome;
    } cases[] = {
        {MSTR_OK, MSTR_OK},
        {MSTR_E_NOT_FOUND, MSTR_OK},
        {MSTR_E_NOT_AVAILABLE, MSTR_OK},
        {MSTR_E_DENIED, MSTR_E_DENIED},
        {MSTR_E_NETWORK, MSTR_E_NETWORK},
        {MSTR_E_AUTHENTICATION, MSTR_E_AUTHENTICATION},
        {MSTR_E_TIMEOUT, MSTR_E_TIMEOUT},
    };
    setenv("MSTR_TEST_SECOND", "second", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        store_reset("first");
        store.code = (int)cases[i].code;
        mstr_context *context = store_context("");
        struct credential_want want = {.kind = MSTR_CREDENTIAL_PASSWORD,
                                       .credential = mstr_credential_template("${st:x || env:MSTR_TEST_SECOND}")};
        assert_int_equal(resolve(context, &want, 1, NULL), cases[i].outcome);
        if (cases[i].outcome == MSTR_OK) {
            assert_string_equal(mstr_secret_octets(want.value), cases[i].code == MSTR_OK ? "first" : "second");
        }
        release(&want, 1);
        mstr_context_free(context);
    }
    unsetenv("MSTR_TEST_SECOND");
}

static void what_comes_from_the_cache_is_told(void **state)
{
    (void)state;
    store_reset("value");
    mstr_context *context = store_context("");
    for (int round = 0; round < 2; round++) {
        struct credential_want want = {.kind = MSTR_CREDENTIAL_PASSWORD,
                                       .credential = mstr_credential_reference("st:x")};
        assert_int_equal(resolve(context, &want, 1, NULL), MSTR_OK);
        assert_int_equal(want.from_cache, round == 1);
        release(&want, 1);
    }
    mstr_context_free(context);
}

static void the_last_who_holds_one_frees_it(void **state)
{
    (void)state;
    callback = (struct callback){.calls = 0};
    mstr_credential *credential = mstr_credential_callback(call_back, &callback, free_data);
    assert_ptr_equal(mstr_credential_retain(credential), credential);
    mstr_credential_release(credential);
    assert_int_equal(callback.freed, 0);
    mstr_credential_release(credential);
    assert_int_equal(callback.freed, 1);
    assert_null(mstr_credential_retain(NULL));
    mstr_credential_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_origin_gives_its_value_and_an_absent_one_none),
        cmocka_unit_test(failure_names_the_credential_and_leaves_nothing),
        cmocka_unit_test(alternatives_are_tried_only_for_what_is_not_there),
        cmocka_unit_test(what_comes_from_the_cache_is_told),
        cmocka_unit_test(the_last_who_holds_one_frees_it),
    };
    return RUN_TESTS("resolve/credential");
}
