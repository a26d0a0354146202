/* SPDX-License-Identifier: Apache-2.0 */
/* What references name. */
#include "vault/config/wanted.h"

#include "unit/vault/support.h"

static enum mstr_code take(const char *text, struct vault_wanted *wanted, struct mstr_request **request)
{
    *request = fake_request_new(text);
    return vault_wanted_read((*request)->reference, wanted, (*request)->error);
}

static void path_version_and_namespace_are_taken(void **state)
{
    struct vault_wanted wanted;
    struct mstr_request *request = NULL;
    (void)state;

    assert_int_equal(take("vault:secret/a%20b/%C3%A9?version=7&namespace=team/one", &wanted, &request), MSTR_OK);

    assert_string_equal(wanted.path, "secret/a b/\xc3\xa9");
    assert_string_equal(wanted.namespace, "team/one");
    assert_int_equal(wanted.version, 7);
    fake_request_free(request);
}

static void what_chooses_another_path_is_refused(void **state)
{
    static const struct {
        const char *reference;
        const char *why;
    } cases[] = {
        {"vault:/secret/a", "slash"},
        {"vault:secret/a/", "slash"},
        {"vault:secret//a", "slash"},
        {"vault:secret/../sys", "another path"},
        {"vault:./secret", "another path"},
        {"vault:secret/%2e%2e/a", "another path"},
        {"vault:secret/a%0d%0aX: y", "control"},
        {"vault:secret/a%7f", "control"},
        {"vault:v1/secret/a", "v1/"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vault_wanted wanted;
        struct mstr_request *request = NULL;
        assert_int_equal(take(cases[i].reference, &wanted, &request), MSTR_E_CONFIG);
        assert_contains(fake_request_message(request), cases[i].why);
        assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), "MOUNT/PATH");
        fake_request_free(request);
    }
}

static void versions_are_numbers_from_one_on(void **state)
{
    static const char *const versions[] = {"0", "-1", "+1",  "-0", "1.5", "abc", "9223372036854775808",
                                           "",  "1 ", "%201"};
    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
        char text[64];
        struct vault_wanted wanted;
        struct mstr_request *request = NULL;
        snprintf(text, sizeof(text), "vault:secret/a?version=%s", versions[i]);
        assert_int_equal(take(text, &wanted, &request), MSTR_E_CONFIG);
        assert_contains(fake_request_message(request), "version");
        fake_request_free(request);
    }
}

static void a_path_has_a_greatest_length(void **state)
{
    char path[1024 + 2];
    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_string_equal(vault_path_fault(path), "is longer than 1,024 octets");
    path[sizeof(path) - 2] = '\0';
    assert_null(vault_path_fault(path));
}

static void other_keys_and_namespaces_that_are_none_are_refused(void **state)
{
    struct vault_wanted wanted;
    struct mstr_request *request = NULL;
    (void)state;
    assert_int_equal(take("vault:secret/a?v=1", &wanted, &request), MSTR_E_CONFIG);
    assert_contains(fake_request_message(request), "\"v\"");
    fake_request_free(request);

    assert_int_equal(take("vault:secret/a?namespace=a%0ab", &wanted, &request), MSTR_E_CONFIG);
    assert_contains(fake_request_message(request), "namespace");
    fake_request_free(request);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(path_version_and_namespace_are_taken),
        TEST(what_chooses_another_path_is_refused),
        TEST(versions_are_numbers_from_one_on),
        TEST(a_path_has_a_greatest_length),
        TEST(other_keys_and_namespaces_that_are_none_are_refused),
    };
    return RUN_TESTS("vault/config/wanted");
}
