/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of Key Vault: their class, and what to do about them. */
#include "unit/azure/support.h"

#define INNER2(code) ",\"InnerError\":{\"code\":\"" code "\"}"
static void refusals_have_class_and_hint(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {403, REFUSAL("Forbidden", INNER("ForbiddenByRbac"), "Caller: appid=a;oid=b"), MSTR_E_DENIED, "appid=a",
         "Key Vault Secrets User"},
        {403, REFUSAL("Forbidden", INNER2("AccessDenied"), "m"), MSTR_E_DENIED, "Forbidden/AccessDenied",
         "set-policy"},
        {403, REFUSAL("Forbidden", INNER("ForbiddenByFirewall"), "Client address: 1.2.3.4"), MSTR_E_DENIED, "1.2.3.4",
         "firewall"},
        {403, REFUSAL("Forbidden", INNER("ForbiddenByConnection"), "m"), MSTR_E_DENIED, "m", "private endpoint"},
        {403, REFUSAL("Forbidden", INNER("SecretDisabled"), "m"), MSTR_E_DENIED, "m", "enable the version"},
        {403, REFUSAL("Forbidden", INNER("NewCode"), "m"), MSTR_E_DENIED, "NewCode", NULL},
        {404, REFUSAL("SecretNotFound", "", "A secret with (name/id) db was not found"), MSTR_E_NOT_FOUND,
         "was not found", "deleted secret"},
        {400, REFUSAL("BadParameter", "", "m"), MSTR_E_REQUEST, "m", "api_version"},
        {409, REFUSAL("Conflict", "", "m"), MSTR_E_UNAVAILABLE, "m", "recovered"},
        {404, "<html>", MSTR_E_PROTOCOL, "not in the way of Key Vault", "proxy"},
        {302, "", MSTR_E_PROTOCOL, "302", "proxy"},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", VAULT, cases[i].status, "x-ms-request-id: r-1", cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void wrong_audience_and_issuer_are_told(void **state)
{
    static const struct {
        const char *body;
        const char *hint;
    } cases[] = {
        {REFUSAL("Unauthorized", "", "AKV10022: Invalid audience. Expected https://vault.azure.net, found: x"),
         "another audience"},
        {REFUSAL("Unauthorized", "", "AKV10032: Invalid issuer. Expected one of y, found z"), "another tenant"},
    };
    (void)state;
    fake_host_answer_always("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", VAULT, 401, CHALLENGE, cases[i].body);
        fake_host_answer("GET", VAULT, 401, CHALLENGE, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "found", cases[i].hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(refusals_have_class_and_hint),
        WITH_PRINCIPAL(wrong_audience_and_issuer_are_told),
    };
    return RUN_TESTS("azure/service/service_error");
}
