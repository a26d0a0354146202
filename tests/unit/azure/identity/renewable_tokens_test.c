/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: fetched once for all, renewed in time, and no more of them than there is room for. */
#include "unit/azure/support.h"

#include <pthread.h>

static void failed_token_is_not_remembered(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, NULL, REFUSED("invalid_client", "7000215"));
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "7000215", NULL);

    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();
    assert_resolves(REFERENCE, "hello");
}

static void token_is_renewed_before_its_end(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    fake_host_advance(3290000);
    fake_host_deadline(30000);
    assert_resolves(REFERENCE, "hello");
    assert_int_equal(fake_host_requests(), 3);

    fake_host_advance(20000);
    fake_host_deadline(30000);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t2"));
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_exchange_header(fake_host_request(4), "Authorization"), "Bearer t2");
}

static void vault_that_names_ever_new_tenants_is_served_all_the_same(void **state)
{
    char challenge[256];
    char authority[256];
    (void)state;
    fake_host_env("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t0"));

    for (int i = 2; i < 40; i++) {
        snprintf(challenge, sizeof(challenge), CHALLENGE_OF("tenant-%d", "https://vault.azure.net"), i);
        snprintf(authority, sizeof(authority), "https://login.microsoftonline.com/tenant-%d/*", i);
        fake_host_answer("GET", VAULT, 401, challenge, UNAUTHORIZED);
        fake_host_answer("POST", authority, 200, NULL, TOKEN("t1"));
        fake_host_answer("GET", VAULT, 200, NULL, SECRET);
        assert_resolves(REFERENCE, "hello");
    }
}

enum { THREADS = 8 };
static void *resolve_once(void *data)
{
    struct mstr_request *const requests[] = {data};
    plugin->resolve(instance, requests, 1, fake_host_call());
    return NULL;
}

static void threads_share_one_token_request(void **state)
{
    pthread_t threads[THREADS];
    struct mstr_request *requests[THREADS];
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);

    for (size_t i = 0; i < THREADS; i++) {
        requests[i] = fake_request_new(REFERENCE);
        assert_int_equal(pthread_create(&threads[i], NULL, resolve_once, requests[i]), 0);
    }

    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(fake_request_code(requests[i]), MSTR_OK);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 1 + THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(failed_token_is_not_remembered),
        WITH_PRINCIPAL(token_is_renewed_before_its_end),
        WITH_PRINCIPAL(vault_that_names_ever_new_tenants_is_served_all_the_same),
        WITH_PRINCIPAL(threads_share_one_token_request),
    };
    return RUN_TESTS("azure/identity/renewable_tokens");
}
