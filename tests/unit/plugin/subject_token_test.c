/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/subject_token.c: subject tokens out of the program */
#include "plugin/subject_token.h"

#include "support/unit.h"

#include <string.h>

enum { ROOM = 16 };

static char token[ROOM];
static mstr_error *error;
static struct limits limits;

static int setup(void **state)
{
    (void)state;
    error = mstr_error_new();
    memset(token, 'x', sizeof(token));
    limits = (struct limits){.deadline = INT64_MAX};
    return error != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    mstr_error_free(error);
    return 0;
}

static enum mstr_code give(const mstr_subject *subject, char *out, size_t size, void *data)
{
    assert_int_equal(subject->size, sizeof(*subject));
    assert_string_equal(subject->audience, "//somebody");
    assert_string_equal(subject->type, "jwt");
    assert_int_equal(size, ROOM);
    strncpy(out, data, size); /* may leave no NUL */
    return MSTR_OK;
}

static enum mstr_code refuse(const mstr_subject *subject, char *out, size_t size, void *data)
{
    (void)subject;
    (void)data;
    memset(out, 's', size);
    return MSTR_E_DENIED;
}

static enum mstr_code get(mstr_subject_token_fn source, const char *told)
{
    char text[32] = "";
    strcpy(text, told);
    const struct subject_source from = {source, text};
    return subject_token_get(&from, "//somebody", "jwt", &limits, token, ROOM, error);
}

static void token_of_the_callback_is_given(void **state)
{
    (void)state;
    assert_int_equal(get(give, "a token"), MSTR_OK);
    assert_string_equal(token, "a token");
}

static void nothing_is_left_where_there_is_none(void **state)
{
    static const struct {
        mstr_subject_token_fn source;
        enum mstr_code code;
        const char *message;
        const char *told;
    } cases[] = {
        {NULL, MSTR_E_NOT_AVAILABLE, "the program has no subject tokens, such as for //somebody", ""},
        {give, MSTR_E_NOT_AVAILABLE, "the program gave no subject token for //somebody", ""},
        {give, MSTR_E_USAGE, "the program gave no subject token for //somebody", "longer than its room"},
        {refuse, MSTR_E_DENIED, "the program gave no subject token for //somebody", ""},
    };
    static const char blank[ROOM];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(get(cases[i].source, cases[i].told), cases[i].code);
        assert_string_equal(mstr_error_message(error), cases[i].message);
        assert_memory_equal(token, blank, ROOM);
    }
}

static void token_that_comes_too_late_is_wiped(void **state)
{
    (void)state;
    limits.deadline = 1;
    assert_int_equal(get(give, "a token"), MSTR_E_TIMEOUT);
    assert_string_equal(token, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_the_callback_is_given),
        TEST(nothing_is_left_where_there_is_none),
        TEST(token_that_comes_too_late_is_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
