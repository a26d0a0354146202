/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/error.c */
#include "base/error.h"
#include "base/text.h"
#include "support/unit.h"

static mstr_error *error;

static int make(void **state)
{
    (void)state;
    error = mstr_error_new();
    return error != NULL ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    mstr_error_free(error);
    return 0;
}

static void a_blank_error_tells_nothing(void **state)
{
    (void)state;
    assert_int_equal(mstr_error_code(error), MSTR_OK);
    assert_string_equal(mstr_error_message(error), "");
    assert_null(mstr_error_hint(error));
    assert_null(mstr_error_service_code(error));
    assert_int_equal(mstr_error_http_status(error), 0);
}

static void a_missing_error_is_accepted_everywhere(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, MSTR_E_DENIED, "x"), MSTR_E_DENIED);
    error_prefix(NULL, "x");
    error_set_hint(NULL, "x");
    error_set_reference(NULL, "x");
    error_set_http_status(NULL, 1);
    error_set_iserver_code(NULL, 1);
    error_set_mstr_number(NULL, 1);
    error_copy(NULL, error);
    mstr_error_clear(NULL);
    mstr_error_free(NULL);
    assert_int_equal(mstr_error_code(NULL), MSTR_OK);
    assert_string_equal(mstr_error_message(NULL), "");
    assert_null(mstr_error_step(NULL));
    assert_int_equal(mstr_error_iserver_code(NULL), 0);
    assert_int_equal(mstr_error_mstr_number(NULL), 0);
}

static void an_empty_hint_is_none(void **state)
{
    (void)state;
    error_set_hint(error, "ask");
    error_set_hint(error, "%s", "");
    assert_null(mstr_error_hint(error));
}

static void tell_everything(mstr_error *to)
{
    error_set(to, MSTR_E_DENIED, "cannot read %s", "it");
    error_set_hint(to, "ask %s", "the owner");
    error_set_reference(to, "aws-sm:x");
    error_set_provider(to, "aws-sm");
    error_set_step(to, "IMDS");
    error_set_service_code(to, "AccessDeniedException");
    error_set_request_id(to, "id-1");
    error_set_http_status(to, 403);
    error_set_iserver_code(to, -2147216959);
    error_set_mstr_number(to, 3);
}

static void check_everything(const mstr_error *of)
{
    assert_int_equal(mstr_error_code(of), MSTR_E_DENIED);
    assert_string_equal(mstr_error_message(of), "cannot read it");
    assert_string_equal(mstr_error_hint(of), "ask the owner");
    assert_string_equal(mstr_error_reference(of), "aws-sm:x");
    assert_string_equal(mstr_error_provider(of), "aws-sm");
    assert_string_equal(mstr_error_step(of), "IMDS");
    assert_string_equal(mstr_error_service_code(of), "AccessDeniedException");
    assert_string_equal(mstr_error_request_id(of), "id-1");
    assert_int_equal(mstr_error_http_status(of), 403);
    assert_int_equal(mstr_error_iserver_code(of), -2147216959);
    assert_int_equal(mstr_error_mstr_number(of), 3);
}

static void every_part_is_kept_and_copied(void **state)
{
    (void)state;
    mstr_error *copy = mstr_error_new();
    tell_everything(error);
    check_everything(error);

    error_copy(copy, error);
    mstr_error_clear(error);

    check_everything(copy);
    error_copy(copy, copy);
    check_everything(copy);
    error_copy(copy, NULL);
    assert_int_equal(mstr_error_code(copy), MSTR_E_MEMORY);
    mstr_error_free(copy);
}

static void a_new_failure_replaces_all_of_the_old_one(void **state)
{
    (void)state;
    tell_everything(error);
    error_set(error, MSTR_E_NETWORK, "later: %s", mstr_error_message(error));
    assert_string_equal(mstr_error_message(error), "later: cannot read it");
    assert_null(mstr_error_hint(error));
    assert_null(mstr_error_service_code(error));
    assert_int_equal(mstr_error_http_status(error), 0);
}

static void prefixes_stand_before_the_message(void **state)
{
    (void)state;
    mstr_error_set(error, MSTR_E_NETWORK, "no route");
    error_prefix(error, "resolving %s: ", "password");
    assert_string_equal(mstr_error_message(error), "resolving password: no route");
}

static void a_failure_without_words_is_told_by_its_class(void **state)
{
    (void)state;
    mstr_error_set(error, MSTR_E_DENIED, "%s", "");
    assert_string_equal(mstr_error_message(error), "access denied");
}

static void empty_details_change_nothing(void **state)
{
    (void)state;
    tell_everything(error);
    error_set_step(error, "");
    error_set_step(error, NULL);
    assert_string_equal(mstr_error_step(error), "IMDS");
}

static void texts_are_bounded_clean_and_whole_characters(void **state)
{
    (void)state;
    char text[ERROR_TEXT_MAX * 2 + 1];
    for (size_t i = 0; i + 1 < sizeof(text); i += 2) {
        memcpy(text + i, "\xc3\xa9", 2);
    }
    text[sizeof(text) - 1] = '\0';
    error_set(error, MSTR_E_PROTOCOL, "x%s", text);
    const char *message = mstr_error_message(error);
    assert_true(strlen(message) <= ERROR_TEXT_MAX && strlen(message) > ERROR_TEXT_MAX - 4);
    assert_true(text_is_utf8(message, strlen(message)));

    error_set(error, MSTR_E_PROTOCOL, "%s", "a\nb\x1b[2Jc\x7f");
    assert_string_equal(mstr_error_message(error), "a b [2Jc ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_hint_is_none, make, unmake),
        cmocka_unit_test_setup_teardown(a_blank_error_tells_nothing, make, unmake),
        cmocka_unit_test_setup_teardown(a_missing_error_is_accepted_everywhere, make, unmake),
        cmocka_unit_test_setup_teardown(every_part_is_kept_and_copied, make, unmake),
        cmocka_unit_test_setup_teardown(a_new_failure_replaces_all_of_the_old_one, make, unmake),
        cmocka_unit_test_setup_teardown(prefixes_stand_before_the_message, make, unmake),
        cmocka_unit_test_setup_teardown(a_failure_without_words_is_told_by_its_class, make, unmake),
        cmocka_unit_test_setup_teardown(empty_details_change_nothing, make, unmake),
        cmocka_unit_test_setup_teardown(texts_are_bounded_clean_and_whole_characters, make, unmake),
    };
    return RUN_TESTS("base/error");
}
