/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/mask_forms.c */
#include "cli/mask_forms.h"

#include "support/unit.h"

#include <string.h>

static char told[64][128];
static size_t count;

static bool note(void *data, const char *octets, size_t length)
{
    (void)data;
    memcpy(told[count], octets, length);
    told[count++][length] = '\0';
    return true;
}

static bool has(const char *form)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(told[i], form) == 0) {
            return true;
        }
    }
    return false;
}

static void a_text_has_the_forms_that_others_write_it_in(void **state)
{
    (void)state;
    static const char text[] = "a/\"\xC3\xA4 !\xF0\x9F\x98\x80?\xFF";
    static const char *const forms[] = {
        text,
        "a/\\\"\xC3\xA4 !\xF0\x9F\x98\x80?\xFF",
        "a\\/\\\"\xC3\xA4 !\xF0\x9F\x98\x80?\xFF",
        "a/\\\"\\u00e4 !\\ud83d\\ude00?\xFF",
        "a%2F%22%C3%A4%20%21%F0%9F%98%80%3F%FF",
        "a%2f%22%c3%a4%20%21%f0%9f%98%80%3f%ff",
        "a%2F%22%C3%A4+%21%F0%9F%98%80%3F%FF",
        "a/%22%c3%a4%20%21%f0%9f%98%80%3f%ff",
        "a%2F%22%C3%A4%20!%F0%9F%98%80%3F%FF",
        "YS8iw6QgIfCfmIA//w", /* as base64 has it */
        "YS8iw6QgIfCfmIA__w",
    };
    count = 0;
    assert_true(mask_forms(text, sizeof text - 1, note, NULL));
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (!has(forms[i])) {
            fail_msg("not told: %s", forms[i]);
        }
    }
}

/* As json.dumps(), urllib.parse.quote() and base64 of Python have them. What follows the text is no part of it. */
static void these_are_all_forms(void **state)
{
    (void)state;
    static const char text[] = "azAZ09 ~/!*\"\xc3\xa4"
                               "\xff\xff\xff";
    static const char *const forms[] = {
        "azAZ09 ~/!*\"\xc3\xa4",        "azAZ09 ~/!*\\\"\xc3\xa4",    "azAZ09 ~\\/!*\\\"\xc3\xa4",
        "azAZ09 ~/!*\\\"\\u00e4",       "azAZ09 ~\\/!*\\\"\\u00e4",   "azAZ09%20~%2F%21%2A%22%C3%A4",
        "azAZ09%20~%2f%21%2a%22%c3%a4", "azAZ09+~%2F%21%2A%22%C3%A4", "azAZ09+~%2f%21%2a%22%c3%a4",
        "azAZ09%20~/%21%2A%22%C3%A4",   "azAZ09%20~/%21%2a%22%c3%a4", "azAZ09+~/%21%2A%22%C3%A4",
        "azAZ09+~/%21%2a%22%c3%a4",     "azAZ09%20~%2F!*%22%C3%A4",   "azAZ09%20~%2f!*%22%c3%a4",
        "azAZ09+~%2F!*%22%C3%A4",       "azAZ09+~%2f!*%22%c3%a4",     "YXpBWjA5IH4vISoiw6",
        "YXpBWjA5IH4vISoiw6",           "F6QVowOSB+LyEqIsOk",         "F6QVowOSB-LyEqIsOk",
        "hekFaMDkgfi8hKiLDp",           "hekFaMDkgfi8hKiLDp",         "YXpBWjA5IH4vISoiw6Q",
        "YXpBWjA5IH4vISoiw6Q",          "F6QVowOSB+LyEqIsOk",         "F6QVowOSB-LyEqIsOk",
        "hekFaMDkgfi8hKiLDpA",          "hekFaMDkgfi8hKiLDpA",
    };
    count = 0;
    assert_true(mask_forms(text, sizeof text - 4, note, NULL));
    assert_int_equal(count, COUNT_OF(forms));
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        assert_string_equal(told[i], forms[i]);
    }
}

/* echo -n "xpassword-1y" | base64, and so on. */
static void base64_is_found_wherever_it_begins(void **state)
{
    (void)state;
    count = 0;
    assert_true(mask_forms("password-1", 10, note, NULL));
    assert_true(has("cGFzc3dvcmQtM"));  /* without the bits of what follows */
    assert_true(has("cGFzc3dvcmQtMQ")); /* where nothing does */
    assert_true(has("Bhc3N3b3JkLT"));   /* of "xpassword-1": eHBhc3N3b3JkLTE= */
    assert_true(has("wYXNzd29yZC0x"));  /* of "xypassword-1": eHlwYXNzd29yZC0x */
}

static bool refuse(void *data, const char *octets, size_t length)
{
    (void)octets;
    (void)length;
    return --*(int *)data > 0;
}

static void whoever_takes_them_may_end_it(void **state)
{
    (void)state;
    int left = 3;
    assert_false(mask_forms("password", 8, refuse, &left));
    assert_int_equal(left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_the_forms_that_others_write_it_in),
        cmocka_unit_test(these_are_all_forms),
        cmocka_unit_test(base64_is_found_wherever_it_begins),
        cmocka_unit_test(whoever_takes_them_may_end_it),
    };
    return RUN_TESTS("cli/mask_forms");
}
