/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/credentials.c, over a cache and a fetch that do what the test says */
#include "support/cache_double.h"
#include "support/fetch_double.h"
#include "support/unit.h"

#include "base/clock.h"
#include "resolve/credentials.h"

#include <stdlib.h>

static const struct fetch_answer answers[] = {
    {"st:db", "{\"user\":\"ann\",\"password\":\"s3cret\"}", false, MSTR_OK, NULL},
    {"st:one", "1", false, MSTR_OK, NULL},
    {"st:denied", NULL, false, MSTR_E_DENIED, NULL},
    {NULL, NULL, false, MSTR_OK, NULL},
};

static struct cache_double cache;
static struct fetch_double fetch;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    cache_double_init(&cache);
    fetch_double_init(&fetch, answers);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    cache_double_release(&cache);
    fetch_double_release(&fetch);
    return 0;
}

static enum mstr_code resolve(struct credential_want *wants, size_t count, bool refresh)
{
    const struct resolver resolver = {&cache.cache, &fetch.fetch};
    const struct limits limits = {.deadline = clock_monotonic() + 60000};
    return credentials_resolve(&resolver, wants, count, refresh, &limits, error);
}

static void release(struct credential_want *wants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mstr_secret_release(wants[i].value);
        mstr_credential_release((mstr_credential *)(uintptr_t)wants[i].credential);
    }
}

/* What a callback is told to do, and how often it was asked. */
struct callback {
    int calls;
    enum mstr_code code;
    const char *told;  /* the message of a failure; NULL = it tells none */
    const char *value; /* NULL = it gives none */
};

static enum mstr_code call_back(mstr_secret **value, mstr_error *told, void *data)
{
    struct callback *callback = data;
    callback->calls++;
    if (callback->code != MSTR_OK && callback->told != NULL) {
        error_set(told, callback->code, "%s", callback->told);
    }
    if (callback->value != NULL) {
        *value = mstr_secret_new(callback->value, strlen(callback->value));
    }
    return callback->code;
}

static void all_references_go_out_in_one_order(void **state)
{
    (void)state;
    struct callback callback = {.value = "called"};
    struct credential_want wants[] = {
        {.kind = MSTR_CREDENTIAL_BASE_URL, .credential = mstr_credential_literal("https://${st:one}/")},
        {.kind = MSTR_CREDENTIAL_USERNAME, .credential = mstr_credential_reference("st:db#user")},
        {.kind = MSTR_CREDENTIAL_PASSWORD, .credential = mstr_credential_template("${st:db#password}-${st:one}")},
        {.kind = MSTR_CREDENTIAL_API_KEY, .credential = NULL},
        {.kind = MSTR_CREDENTIAL_IDENTITY_TOKEN, .credential = mstr_credential_callback(call_back, &callback, NULL)},
    };
    static const char *const values[] = {"https://${st:one}/", "ann", "s3cret-1", NULL, "called"};

    assert_int_equal(resolve(wants, COUNT_OF(wants), false), MSTR_OK);

    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        assert_int_equal(wants[i].value != NULL, values[i] != NULL);
        assert_true(values[i] == NULL || strcmp(mstr_secret_octets(wants[i].value), values[i]) == 0);
        assert_false(wants[i].from_cache);
    }
    assert_string_equal(buffer_text(&fetch.record), "fetch st:db st:one\n");
    assert_int_equal(callback.calls, 1);
    release(wants, COUNT_OF(wants));
}

static void what_may_change_by_itself_is_told(void **state)
{
    (void)state;
    struct callback callback = {.value = "called"};
    struct credential_want wants[] = {
        {.kind = MSTR_CREDENTIAL_BASE_URL, .credential = mstr_credential_template("https://x.example/")},
        {.kind = MSTR_CREDENTIAL_USERNAME, .credential = mstr_credential_reference("st:one")},
        {.kind = MSTR_CREDENTIAL_PASSWORD, .credential = mstr_credential_template("no. ${st:one}")},
        {.kind = MSTR_CREDENTIAL_API_KEY, .credential = mstr_credential_literal("key")},
        {.kind = MSTR_CREDENTIAL_IDENTITY_TOKEN, .credential = mstr_credential_callback(call_back, &callback, NULL)},
    };
    static const bool referenced[] = {false, true, true, false, false};

    assert_int_equal(resolve(wants, COUNT_OF(wants), false), MSTR_OK);

    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        assert_int_equal(wants[i].referenced, referenced[i]);
    }
    release(wants, COUNT_OF(wants));
}

static void what_was_not_fetched_just_now_is_told(void **state)
{
    (void)state;
    static const char *const sources[] = {"cache", "store"};
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        struct credential_want want = {.kind = MSTR_CREDENTIAL_PASSWORD,
                                       .credential = mstr_credential_reference("st:one")};
        want.from_cache = i == 1; /* which is not left over from before */
        cache.scripts[i] =
            (struct cache_script){.key = i == 0 ? "st:one" : NULL, .answer = CACHE_VALUE, .value = "held"};
        assert_int_equal(resolve(&want, 1, false), MSTR_OK);
        assert_int_equal(want.from_cache, i == 0);
        assert_string_equal(mstr_secret_source(want.value), sources[i]);
        release(&want, 1);
    }
    struct credential_want literal = {.credential = mstr_credential_literal("value"), .from_cache = true};
    assert_int_equal(resolve(&literal, 1, false), MSTR_OK);
    assert_false(literal.from_cache);
    release(&literal, 1);
}

static void a_refresh_passes_over_the_cache(void **state)
{
    (void)state;
    struct credential_want want = {.kind = MSTR_CREDENTIAL_PASSWORD,
                                   .credential = mstr_credential_template("${st:one}")};
    cache.scripts[0] = (struct cache_script){.key = "st:one", .answer = CACHE_VALUE, .value = "held"};

    assert_int_equal(resolve(&want, 1, true), MSTR_OK);

    assert_string_equal(mstr_secret_octets(want.value), "1");
    assert_string_equal(buffer_text(&fetch.record), "refresh st:one\n");
    release(&want, 1);
}

static void a_failure_names_the_credential_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        mstr_credential *(*make)(const char *text);
        const char *text;
        enum mstr_code code;
        const char *told;
        const char *fetched;
    } cases[] = {
        {mstr_credential_template, "${st:denied}", MSTR_E_DENIED, "password: the store says no",
         "fetch st:one st:denied\n"},
        {mstr_credential_template, "${st:gone || st:denied}", MSTR_E_DENIED, "password: the store says no",
         "fetch st:one st:gone\nfetch st:denied\n"},
        {mstr_credential_reference, "st:denied", MSTR_E_DENIED, "password: the store says no",
         "fetch st:one st:denied\n"},
        /* before anybody is asked */
        {mstr_credential_template, "${st:", MSTR_E_CONFIG, "password: \"${\" without its \"}\"", ""},
        {mstr_credential_template, "${nothing}", MSTR_E_CONFIG, "password: \"${…}\" is not a reference", ""},
        {mstr_credential_reference, "nothing", MSTR_E_CONFIG, "password: \"nothing\" is not a reference", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback callback = {.value = "called"};
        struct credential_want wants[] = {
            {.kind = MSTR_CREDENTIAL_USERNAME, .credential = mstr_credential_reference("st:one")},
            {.kind = MSTR_CREDENTIAL_PASSWORD, .credential = cases[i].make(cases[i].text)},
            {.kind = MSTR_CREDENTIAL_API_KEY, .credential = mstr_credential_callback(call_back, &callback, NULL)},
        };
        buffer_clear(&fetch.record);

        assert_int_equal(resolve(wants, COUNT_OF(wants), false), cases[i].code);

        assert_int_equal(mstr_error_code(error), cases[i].code);
        assert_int_equal(strncmp(mstr_error_message(error), cases[i].told, strlen(cases[i].told)), 0);
        assert_string_equal(buffer_text(&fetch.record), cases[i].fetched);
        assert_int_equal(callback.calls, 0); /* nobody is bothered in vain */
        for (size_t j = 0; j < COUNT_OF(wants); j++) {
            assert_null(wants[j].value);
        }
        release(wants, COUNT_OF(wants));
    }
}

static void a_callback_that_fails_is_told_whatever_it_said(void **state)
{
    (void)state;
    static const struct {
        struct callback callback;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {{.code = MSTR_E_DENIED, .told = "the badge is lost"}, MSTR_E_DENIED, "password: the badge is lost"},
        {{.code = MSTR_E_DENIED}, MSTR_E_DENIED, "password: its callback failed: "},
        {{.code = MSTR_E_NETWORK, .value = "left behind"}, MSTR_E_NETWORK, "password: its callback failed: "},
        {{.code = MSTR_OK}, MSTR_E_CONFIG, "password: its callback succeeded without giving a value"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback callback = cases[i].callback;
        struct credential_want want = {.kind = MSTR_CREDENTIAL_PASSWORD,
                                       .credential = mstr_credential_callback(call_back, &callback, NULL)};
        mstr_error_clear(error);

        assert_int_equal(resolve(&want, 1, false), cases[i].code);

        assert_int_equal(mstr_error_code(error), cases[i].code);
        assert_int_equal(strncmp(mstr_error_message(error), cases[i].told, strlen(cases[i].told)), 0);
        assert_null(want.value);
        release(&want, 1);
    }
}

static void a_value_that_is_empty_or_would_be_cut_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum mstr_credential_kind kind;
        const char *octets;
        size_t length;
        const char *told; /* NULL = it is good */
    } cases[] = {
        {MSTR_CREDENTIAL_PASSWORD, "x", 1, NULL},
        {MSTR_CREDENTIAL_PASSWORD, "", 0, "password resolved to an empty value"},
        {MSTR_CREDENTIAL_API_KEY, "a\0b", 3, "api_key resolved to a value with NUL octets"},
        {MSTR_CREDENTIAL_PERSISTENCE_KEY, "", 0, "persistence_key resolved to an empty value"},
        {MSTR_CREDENTIAL_PERSISTENCE_KEY, "a\0b", 3, NULL}, /* which is used as it is */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error_clear(error);
        enum mstr_code code = credentials_check_value(cases[i].kind, cases[i].octets, cases[i].length, error);
        assert_int_equal(code, cases[i].told == NULL ? MSTR_OK : MSTR_E_CONFIG);
        assert_string_equal(mstr_error_message(error), cases[i].told != NULL ? cases[i].told : "");
    }
    struct credential_want want = {.kind = MSTR_CREDENTIAL_PASSWORD, .credential = mstr_credential_literal("")};
    assert_int_equal(resolve(&want, 1, false), MSTR_E_CONFIG);
    assert_null(want.value);
    release(&want, 1);
}

static void there_are_no_more_credentials_than_kinds(void **state)
{
    (void)state;
    struct credential_want wants[MSTR_CREDENTIAL_KINDS + 1] = {{.kind = MSTR_CREDENTIAL_BASE_URL}};
    assert_int_equal(resolve(wants, MSTR_CREDENTIAL_KINDS, false), MSTR_OK);
    assert_int_equal(resolve(wants, MSTR_CREDENTIAL_KINDS + 1, false), MSTR_E_USAGE);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(all_references_go_out_in_one_order),
        EACH(what_may_change_by_itself_is_told),
        EACH(what_was_not_fetched_just_now_is_told),
        EACH(a_refresh_passes_over_the_cache),
        EACH(a_failure_names_the_credential_and_leaves_nothing),
        EACH(a_callback_that_fails_is_told_whatever_it_said),
        EACH(a_value_that_is_empty_or_would_be_cut_is_refused),
        EACH(there_are_no_more_credentials_than_kinds),
    };
    return RUN_TESTS("resolve/credentials");
}
