/* SPDX-License-Identifier: Apache-2.0 */
/* Token endpoints of authorities. */
#include "unit/azure/support.h"

#include "azure/wire/entra.h"

static void adfs_is_spoken_to_in_the_first_version(void **state)
{
    (void)state;
    fake_host_env("AZURE_TENANT_ID", "adfs");
    fake_host_env("AZURE_AUTHORITY_HOST", "https://adfs.local");
    fake_host_answer("POST", "https://adfs.local/adfs/oauth2/token", 200, NULL,
                     "{\"access_token\":\"t1\",\"expires_in\":\"3600\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "&resource=https%3A%2F%2Fvault.azure.net&");
}

static void authority_that_fails_in_passing_is_asked_again(void **state)
{
    (void)state;
    fake_host_fail("POST", AUTHORITY, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", AUTHORITY, 429, "Retry-After: 3", "");
    fake_host_answer("POST", AUTHORITY, 400, NULL, REFUSED("temporarily_unavailable", "90033"));
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), 5);
}

static enum mstr_code note_time(const void *data, const struct proof_context *context, struct buffer *form,
                                struct mstr_error *error)
{
    (void)data;
    (void)error;
    buffer_printf(form, "&now=%lld", (long long)(context->now / 1000));
    return MSTR_OK;
}

static enum mstr_code ask_with_assertion(bool rereads)
{
    const struct demand demand = {.resource = "https://vault.azure.net"};
    const struct ask ask = {.instance = fake_host_instance(NULL), .call = fake_host_call(), .demand = &demand};
    const struct grant grant = {.own_tenant = "tenant-1", .client_id = "c", .prove = note_time, .rereads = rereads};
    struct token token = {.text = NULL};
    enum mstr_code code = entra_token(&ask, &grant, &token, NULL);
    token_release(&token);
    return code;
}

static void assertion_out_of_its_time_is_made_anew_by_the_authoritys_clock(void **state)
{
    static const char date[] = "Date: Thu, 15 Jan 2026 12:20:00 GMT";
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, date, REFUSED("invalid_client", "700024"));
    fake_host_answer("POST", AUTHORITY, 200, date, TOKEN("t1"));

    assert_int_equal(ask_with_assertion(false), MSTR_OK);

    assert_contains(fake_host_request(0)->body, "&now=1768478400");
    assert_contains(fake_host_request(1)->body, "&now=176847960");
}

static void where_the_clock_is_right_the_refusal_stands(void **state)
{
    static const char date[] = "Date: Thu, 15 Jan 2026 12:00:01 GMT";
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, date, REFUSED("invalid_client", "700024"));
    assert_int_equal(ask_with_assertion(false), MSTR_E_AUTHENTICATION);

    fake_host_answer("POST", AUTHORITY, 401, date, REFUSED("invalid_client", "700024")); /* the file is read again */
    fake_host_answer("POST", AUTHORITY, 401, date, REFUSED("invalid_client", "700024"));
    assert_int_equal(ask_with_assertion(true), MSTR_E_AUTHENTICATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(adfs_is_spoken_to_in_the_first_version),
        WITH_PRINCIPAL(authority_that_fails_in_passing_is_asked_again),
        WITH_PRINCIPAL(assertion_out_of_its_time_is_made_anew_by_the_authoritys_clock),
        WITH_PRINCIPAL(where_the_clock_is_right_the_refusal_stands),
    };
    return RUN_TESTS("azure/wire/entra");
}
