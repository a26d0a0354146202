/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/members.c */
#include "support/unit.h"

#include <mstr/secret.h>

#include <stdio.h>
#include <string.h>

struct told {
    char text[256];
    int most;
};

static int note(const char *name, mstr_secret *value, void *data)
{
    struct told *told = data;
    size_t length = strlen(told->text);
    snprintf(told->text + length, sizeof told->text - length, "%s=%s;", name, mstr_secret_octets(value));
    return --told->most == 0;
}

static enum mstr_code tell(const char *text, size_t length, struct told *told, mstr_error *error)
{
    mstr_secret *secret = mstr_secret_new(text, length);
    enum mstr_code code = mstr_secret_members(secret, note, told, error);
    mstr_secret_release(secret);
    return code;
}

static void texts_are_told_in_their_order_and_all_else_is_passed_over(void **state)
{
    (void)state;
    static const char text[] =
        " { \"a\" : \"x\\ny\" , \"n\": 1, \"o\": {\"p\": \"q\"}, \"\\u0062\":\"\", \"l\": [\"z\"], "
        "\"t\": true, \"z\": null, \"a\": \"again\"} ";
    struct told told = {.most = -1};
    assert_int_equal(tell(text, sizeof text - 1, &told, NULL), MSTR_OK);
    assert_string_equal(told.text, "a=x\ny;b=;a=again;");
    assert_int_equal(tell("{}", 2, &told, NULL), MSTR_OK);
}

static void whoever_has_heard_enough_ends_it(void **state)
{
    (void)state;
    struct told told = {.most = 1};
    assert_int_equal(tell("{\"a\":\"1\",\"b\":\"2\"}", 17, &told, NULL), MSTR_E_CANCELLED);
    assert_string_equal(told.text, "a=1;");
}

static void what_is_no_object_is_told_without_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[\"canary\"]", "the secret is no JSON object"},
        {"\"canary\"", "the secret is no JSON object"},
        {"canary", "the secret is not JSON: "},
        {"", "the secret is not JSON: it is empty"},
        {"{\"a\": \"canary\"", "the secret is not JSON: "},
        {"{\"a\\u0000b\": \"canary\"}", "a member of the secret has a NUL in its name"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct told told = {.most = -1};
        mstr_error *error = mstr_error_new();
        assert_int_equal(tell(cases[i].text, strlen(cases[i].text), &told, error), MSTR_E_NOT_FOUND);
        assert_ptr_equal(strstr(mstr_error_message(error), cases[i].message), mstr_error_message(error));
        assert_null(strstr(mstr_error_message(error), "canary"));
        assert_string_equal(told.text, "");
        mstr_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_told_in_their_order_and_all_else_is_passed_over),
        cmocka_unit_test(whoever_has_heard_enough_ends_it),
        cmocka_unit_test(what_is_no_object_is_told_without_its_text),
    };
    return RUN_TESTS("secret/members");
}
