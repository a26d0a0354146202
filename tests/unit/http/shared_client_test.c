/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/shared_client.c */
#include "http_fixture.h"

#include "http/shared_client.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static struct shared_client shared;

static void *get(void *data)
{
    *(struct http_client **)data = shared_client_get(&shared, NULL);
    return NULL;
}

static void all_threads_get_one_client_made_for_the_first(void **state)
{
    (void)state;
    pthread_t threads[8];
    struct http_client *found[COUNT_OF(threads)];
    assert_true(shared_client_init(&shared, NULL));
    assert_null(shared.client);

    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get, &found[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_non_null(found[i]);
        assert_ptr_equal(found[i], found[0]);
    }
    shared_client_destroy(&shared);
}

static void a_client_that_nobody_wanted_costs_nothing(void **state)
{
    (void)state;
    assert_true(shared_client_init(&shared, NULL));
    shared_client_destroy(&shared);
    assert_null(dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD));
}

static void options_may_be_given_until_the_first_request(void **state)
{
    (void)state;
    struct mstr_http_response *response = NULL;
    struct tiny_server *proxy = tiny_server_start(echo, NULL, NULL);
    char url[64];
    const struct limits limits = {.deadline = clock_monotonic() + 60000};
    const struct mstr_http_request request = {
        .size = sizeof(request), .flags = MSTR_HTTP_ALLOW_PLAIN, .method = "GET", .url = "http://service.example/"};
    snprintf(url, sizeof(url), "%s", tiny_server_url(proxy, ""));
    assert_true(shared_client_init(&shared, NULL));
    shared.options.proxy = url;

    struct http_client *client = shared_client_get(&shared, NULL);
    assert_int_equal(http_send(client, &request, NULL, &limits, &response, NULL), MSTR_OK);

    assert_int_equal(tiny_server_requests(proxy), 1);
    http_response_free(response);
    shared_client_destroy(&shared);
    tiny_server_stop(proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_threads_get_one_client_made_for_the_first),
        cmocka_unit_test(a_client_that_nobody_wanted_costs_nothing),
        cmocka_unit_test(options_may_be_given_until_the_first_request),
    };
    return RUN_TESTS("http/shared_client");
}
