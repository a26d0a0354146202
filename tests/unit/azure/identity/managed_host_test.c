/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts of managed identities: the query they take, and their refusals in all shapes. */
#include "azure/identity/managed_host.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static const struct managed_host some_host = {
    .name = "Some Host", .api_version = "1", .claims_version = "2", .parameters = {NULL, "client_id"}};
static const struct managed_id nobody = {.naming = BY_NOTHING};
static const struct managed_id client = {.naming = BY_CLIENT, .value = "a/b", .from = "AZURE_CLIENT_ID"};

static void assert_url(const struct demand *demand, const struct managed_id *id, const char *url,
                       const char *expected)
{
    const struct ask ask = {.demand = demand};
    struct buffer out = BUFFER_INIT;
    assert_int_equal(managed_url(&ask, &some_host, id, url, &out, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void url_names_version_resource_and_identity(void **state)
{
    const struct demand demand = {.resource = "r:1"};
    (void)state;

    assert_url(&demand, &nobody, "http://h/t", "http://h/t?api-version=1&resource=r%3A1");
    assert_url(&demand, &client, "http://h/t?a=b", "http://h/t?a=b&api-version=1&resource=r%3A1&client_id=a%2Fb");
}

static void refused_token_is_named_to_hosts_that_know_of_such(void **state)
{
    const struct demand demand = {.resource = "r", .refused = "0f"};
    (void)state;

    assert_url(&demand, &nobody, "http://h",
               "http://h?api-version=2&resource=r&xms_cc=cp1&token_sha256_to_refresh=0f");
}

static void identity_that_a_host_cannot_be_asked_for_is_refused(void **state)
{
    const struct managed_id object = {.naming = BY_OBJECT, .value = "o", .from = "managed_identity_object_id"};
    const struct demand demand = {.resource = "r"};
    const struct ask ask = {.demand = &demand};
    struct buffer out = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    (void)state;

    assert_int_equal(managed_url(&ask, &some_host, &object, "http://h", &out, error), MSTR_E_CONFIG);

    assert_contains(host->error_message(error), "Some Host cannot be asked for the identity that managed_identity_");
    host->error_free(error);
    buffer_release(&out);
}

static void refusals_are_told_in_all_their_shapes(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {400, "{\"error\":\"e\",\"error_description\":\"told\"}", MSTR_E_AUTHENTICATION, "answered 400: told",
         "assign a managed identity"},
        {403, "{\"error\":{\"message\":\"told\"}}", MSTR_E_AUTHENTICATION, "answered 403: told",
         "assign a managed identity"},
        {400, "{\"statusCode\":400,\"message\":\"told\"}", MSTR_E_AUTHENTICATION, ": told",
         "assign a managed identity"},
        {400, "{\"ExceptionMessage\":\"told\"}", MSTR_E_AUTHENTICATION, ": told", "assign a managed identity"},
        {400, "{\"error\":\"told\"}", MSTR_E_AUTHENTICATION, ": told", "assign a managed identity"},
        {400, "<html>", MSTR_E_AUTHENTICATION, "no reason given", "assign a managed identity"},
        {429, "", MSTR_E_THROTTLED, "answered 429", "fails or is overrun"},
        {503, "", MSTR_E_UNAVAILABLE, "answered 503", "fails or is overrun"},
        {302, "", MSTR_E_PROTOCOL, "answered 302", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_http_answer answer = {
            .status = cases[i].status, .body = cases[i].body, .body_length = strlen(cases[i].body)};
        struct mstr_error *error = host->error_new();
        assert_int_equal(managed_refusal(&answer, &some_host, &nobody, MSTR_E_AUTHENTICATION, error), cases[i].code);
        assert_contains(host->error_message(error), cases[i].part);
        const char *hint = host->error_text(error, MSTR_DETAIL_HINT);
        if (cases[i].hint != NULL) {
            assert_contains(hint, cases[i].hint);
        } else {
            assert_null(hint);
        }
        host->error_free(error);
    }
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_names_version_resource_and_identity),
        cmocka_unit_test(refused_token_is_named_to_hosts_that_know_of_such),
        ON_FAKE_HOST(identity_that_a_host_cannot_be_asked_for_is_refused),
        ON_FAKE_HOST(refusals_are_told_in_all_their_shapes),
    };
    return RUN_TESTS("azure/identity/managed_host");
}
