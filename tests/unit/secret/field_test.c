/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/field.c */
#include "secret/field.h"
#include "secret/secret.h"
#include "support/unit.h"

static const char document[] =
    "{\"user\":\"svc\",\"pass\\u0077ord\":\"p\\u00e4ss\\\"\\ud83d\\ude02\\/"
    "\",\"nul\":\"a\\u0000b\",\"n\":1.50e+10,\"big\":"
    "123456789012345678901234567890,\"t\":true,\"z\":null,\"o\":{ \"k\" : [ 1 , \"a b\" , { } ] "
    "},\"a/b\":\"slash\",\"m~n\":"
    "\"tilde\",\"/lit\":\"literal\",\"\":\"empty\",\"dup\":1,\"dup\":2,\"list\":[10,[20,30],{\"x\":\"deep\"}]}";

static enum mstr_code select_from(const char *text, size_t length, const char *field, mstr_secret **out,
                                  mstr_error *error)
{
    mstr_secret *whole = mstr_secret_new(text, length);
    enum mstr_code code = field_select(whole, field, out, error);
    mstr_secret_release(whole);
    return code;
}

static void fields_are_selected_by_key_or_pointer(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        const char *value;
        size_t length;
    } cases[] = {
        {"user", "svc", 3},
        {"password", "p\xc3\xa4ss\"\xf0\x9f\x98\x82/", 11},
        {"nul", "a\0b", 3},
        {"n", "1.50e+10", 8},
        {"big", "123456789012345678901234567890", 30},
        {"t", "true", 4},
        {"o", "{\"k\":[1,\"a b\",{}]}", 18},
        {"dup", "2", 1},
        {"a/b", "slash", 5},
        {"", "empty", 5},
        {"/user", "svc", 3},
        {"/a~1b", "slash", 5},
        {"/m~0n", "tilde", 5},
        {"/~1lit", "literal", 7},
        {"/", "empty", 5},
        {"/o/k/1", "a b", 3},
        {"/list/0", "10", 2},
        {"/list/1/1", "30", 2},
        {"/list/2/x", "deep", 4},
        {"/list/1", "[20,30]", 7},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *value = NULL;
        assert_int_equal(select_from(document, sizeof(document) - 1, cases[i].field, &value, NULL), MSTR_OK);
        assert_int_equal(mstr_secret_length(value), cases[i].length);
        assert_memory_equal(mstr_secret_octets(value), cases[i].value, cases[i].length);
        mstr_secret_release(value);
    }
}

static void what_cannot_be_selected_is_an_error_that_shows_no_value(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *field;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {"{\"a\":\"SECRET\"}", "b", MSTR_E_NOT_FOUND, "the secret has no field \"b\""},
        {"{\"a\":\"SECRET\"}", "A", MSTR_E_NOT_FOUND, "the secret has no field \"A\""},
        {"{\"a\":\"SECRET\"}", "/a/b", MSTR_E_NOT_FOUND, "the secret has no field \"/a/b\""},
        {"{\"a\":null,\"b\":\"SECRET\"}", "a", MSTR_E_NOT_FOUND, "field \"a\" of the secret is null"},
        {"{\"a\":null,\"b\":\"SECRET\"}", "/a", MSTR_E_NOT_FOUND, "field \"/a\" of the secret is null"},
        {"SECRET", "a", MSTR_E_NOT_FOUND,
         "field \"a\" is wanted of a secret that is not JSON: there is no value, or one "
         "that is not whole, at octet 1"},
        {"{\"a\":\"SECRET\"", "a", MSTR_E_NOT_FOUND,
         "field \"a\" is wanted of a secret that is not JSON: it ends too early, at octet 14"},
        {"{\"a\":1} SECRET", "a", MSTR_E_NOT_FOUND,
         "field \"a\" is wanted of a secret that is not JSON: more follows the value, at octet 9"},
        {"\"SECRET\"", "a", MSTR_E_NOT_FOUND, "field \"a\" is wanted of a secret that is no JSON object"},
        {"[\"SECRET\"]", "0", MSTR_E_NOT_FOUND, "field \"0\" is wanted of a secret that is no JSON object"},
        {"[\"SECRET\"]", "/1", MSTR_E_NOT_FOUND, "the secret has no field \"/1\""},
        {"[\"SECRET\"]", "/00", MSTR_E_NOT_FOUND, "the secret has no field \"/00\""},
        {"[\"SECRET\"]", "/-", MSTR_E_NOT_FOUND, "the secret has no field \"/-\""},
        {"[\"SECRET\"]", "/9999999999999999999999", MSTR_E_NOT_FOUND,
         "the secret has no field \"/9999999999999999999999\""},
        {"{\"a\":\"SECRET\"}", "/~2", MSTR_E_CONFIG,
         "field \"/~2\" is no JSON Pointer: '~' must be followed by 0 or 1"},
        {"{\"a\":\"SECRET\"}", "/a~", MSTR_E_CONFIG,
         "field \"/a~\" is no JSON Pointer: '~' must be followed by 0 or 1"},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *value = NULL;
        assert_int_equal(select_from(cases[i].text, strlen(cases[i].text), cases[i].field, &value, error),
                         cases[i].code);
        assert_null(value);
        assert_string_equal(mstr_error_message(error), cases[i].message);
    }
    mstr_error_free(error);
}

static void a_field_tells_version_and_times_of_its_secret(void **state)
{
    (void)state;
    const struct secret_facts facts = {.version = "v1", .expires = 5, .fetched = 4, .source = SECRET_STALE};
    mstr_secret *whole = secret_make("{\"a\":1}", 7, &facts);
    mstr_secret *value = NULL;
    assert_int_equal(field_select(whole, "a", &value, NULL), MSTR_OK);
    mstr_secret_release(whole);
    assert_string_equal(mstr_secret_version(value), "v1");
    assert_int_equal(mstr_secret_expires(value), 5);
    assert_string_equal(mstr_secret_source(value), "stale");
    mstr_secret_release(value);
}

static void what_is_no_pointer_is_known_without_a_secret(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a~b", "", "/", "/a~0b~1c/0"};
    static const char *const bad[] = {"/~", "/a~2", "/a/~0/b~"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(field_check(good[i], NULL), MSTR_OK);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(field_check(bad[i], NULL), MSTR_E_CONFIG);
    }
}

static void a_null_is_told_with_what_the_provider_knows_of_it(void **state)
{
    (void)state;
    static const char with_null[] = "{\"a\":null}";
    mstr_secret *value = NULL;
    mstr_secret *whole =
        secret_make(with_null, strlen(with_null), &(struct secret_facts){.null_hint = "ask otherwise"});
    mstr_error *error = mstr_error_new();

    assert_int_equal(field_select(whole, "a", &value, error), MSTR_E_NOT_FOUND);
    assert_string_equal(mstr_error_hint(error), "ask otherwise");
    assert_int_equal(field_select(whole, "b", &value, error), MSTR_E_NOT_FOUND);
    assert_null(mstr_error_hint(error));

    mstr_error_free(error);
    mstr_secret_release(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_selected_by_key_or_pointer),
        cmocka_unit_test(what_cannot_be_selected_is_an_error_that_shows_no_value),
        cmocka_unit_test(what_is_no_pointer_is_known_without_a_secret),
        cmocka_unit_test(a_field_tells_version_and_times_of_its_secret),
        cmocka_unit_test(a_null_is_told_with_what_the_provider_knows_of_it),
    };
    return RUN_TESTS("secret/field");
}
