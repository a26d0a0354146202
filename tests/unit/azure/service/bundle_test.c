/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets as Key Vault answers them. */
#include "unit/azure/support.h"

static void answers_without_a_secret_to_use_are_refused(void **state)
{
    static const struct {
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {"<html>", MSTR_E_PROTOCOL, "without a value", "proxy"},
        {"{\"value\":\"x\"}", MSTR_E_PROTOCOL, "without an id", "proxy"},
        {"{\"value\":\"x\",\"id\":7}", MSTR_E_PROTOCOL, "without an id", NULL},
        {"{\"value\":null}", MSTR_E_PROTOCOL, "without a value", NULL},
        {"{\"value\":\"x\",\"attributes\":{\"enabled\":false}}", MSTR_E_DENIED, "disabled", NULL},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", VAULT, 200, NULL, cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
}

static void end_of_validity_and_kind_of_a_certificate_are_told(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 200, NULL,
                     "{\"value\":\"MIIK\",\"contentType\":\"application/x-pkcs12\",\"id\":\"https://"
                     "corp.vault.azure.net/secrets/db/9\","
                     "\"managed\":true,\"kid\":\"k\",\"attributes\":{\"enabled\":true,\"exp\":1768478500}}");

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_expires(request), INT64_C(1768478500000));
    assert_string_equal(fake_request_content_type(request), "application/x-pkcs12");
    assert_string_equal(fake_request_version(request), "9");
    fake_request_free(request);
}

static void secret_that_was_not_asked_for_is_refused(void **state)
{
    static const struct {
        const char *reference;
        const char *id;
        bool good;
    } cases[] = {
        {"azure-kv://corp/db", "https://CORP.vault.azure.net/secrets/DB/1", true},
        {"azure-kv://corp/db", "https://corp.vault.azure.net:443/secrets/db/1", true},
        {"azure-kv://corp/db/1", "https://corp.vault.azure.net/secrets/db/1", true},
        {"azure-kv://corp/db/1", "https://corp.vault.azure.net/secrets/db/2", false},
        {"azure-kv://corp/db/1", "https://corp.vault.azure.net/secrets/db", false},
        {"azure-kv://corp/db", "https://corp.vault.azure.net/secrets/other/1", false},
        {"azure-kv://corp/db", "https://other.vault.azure.net/secrets/db/1", false},
        {"azure-kv://corp/db", "https://corp.vault.azure.cn/secrets/db/1", false},
        {"azure-kv://corp/db", "https://corp.vault.azure.net/keys/db/1", false},
        {"azure-kv://corp/db", "db", false},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char body[256];
        snprintf(body, sizeof(body), "{\"value\":\"hello\",\"id\":\"%s\"}", cases[i].id);
        fake_host_answer("GET", VAULT, 200, NULL, body);
        if (cases[i].good) {
            assert_resolves(cases[i].reference, "hello");
        } else {
            assert_fails(cases[i].reference, MSTR_E_PROTOCOL, "answered with another secret", "endpoint");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(answers_without_a_secret_to_use_are_refused),
        WITH_PRINCIPAL(secret_that_was_not_asked_for_is_refused),
        WITH_PRINCIPAL(end_of_validity_and_kind_of_a_certificate_are_told),
    };
    return RUN_TESTS("azure/service/bundle");
}
