/* SPDX-License-Identifier: Apache-2.0 */
/* The identity that an instance acts by: one search for many threads. */
#include "unit/gcp/support.h"

#include <pthread.h>

enum { THREADS = 32 };

static void *resolve_in_thread(void *data)
{
    struct mstr_request *request = data;
    plugin->resolve(instance, &request, 1, fake_host_call());
    return NULL;
}

static void many_threads_share_one_search_and_one_token(void **state)
{
    pthread_t threads[THREADS];
    struct mstr_request *requests[THREADS];
    size_t tokens = 0;
    (void)state;
    use_file(USER_FILE);
    fake_host_answer_always("POST", "*", 200, NULL, TOKEN_ANSWER);
    fake_host_answer_always("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    for (int i = 0; i < THREADS; i++) {
        requests[i] = fake_request_new("gcp-sm://p/s");
        assert_int_equal(pthread_create(&threads[i], NULL, resolve_in_thread, requests[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(fake_request_code(requests[i]), MSTR_OK);
        fake_request_free(requests[i]);
    }

    for (size_t i = 0; i < fake_host_requests(); i++) {
        tokens += strcmp(fake_host_request(i)->url, TOKENS) == 0;
    }
    assert_int_equal(tokens, 1);
    assert_int_equal(fake_host_requests(), 1 + THREADS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(many_threads_share_one_search_and_one_token),
    };
    return RUN_TESTS("gcp/identity/active_identity");
}
