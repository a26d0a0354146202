/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/text.c */
#include "support/context.h"

static void the_body_is_the_value(void **state)
{
    (void)state;
    mstr_context *context = test_context("[env w]\nA = ${env:TEXT_TEST_UNSET || text:}\nB = <${text: a%20b }>\n");
    mstr_secret *secret = NULL;
    unsetenv("TEXT_TEST_UNSET");
    assert_text(context, "text:p%23a%3Fb%7D", "p#a?b}");
    assert_text(context, "text:", "");
    assert_int_equal(mstr_context_setting(context, "env w", "A", NULL, &secret, NULL), MSTR_OK);
    assert_int_equal(mstr_secret_length(secret), 0);
    mstr_secret_release(secret);
    assert_int_equal(mstr_context_setting(context, "env w", "B", NULL, &secret, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), "< a b>");
    mstr_secret_release(secret);
    mstr_context_free(context);
}

/* Which would be a part of the value, and be told in an error. */
static void a_query_or_field_is_refused_untold(void **state)
{
    (void)state;
    static const char *const references[] = {"text:canary#canary", "text:canary?canary", "text:canary?canary=1",
                                             "text:canary?"};
    mstr_context *context = test_context("");
    mstr_error *error = mstr_error_new();
    mstr_secret *secret = NULL;
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        assert_failure(context, references[i], MSTR_E_CONFIG, "takes neither query nor field");
        assert_int_equal(mstr_context_get(context, references[i], NULL, &secret, error), MSTR_E_CONFIG);
        assert_null(strstr(mstr_error_message(error), "canary"));
    }
    mstr_error_free(error);
    mstr_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_is_the_value),
        cmocka_unit_test(a_query_or_field_is_refused_untold),
    };
    return RUN_TESTS("builtin/text");
}
