/* SPDX-License-Identifier: Apache-2.0 */
/* Requests with this plugin's deadlines and trust. */
#include "unit/gcp/support.h"

#include "gcp/wire/http.h"

static void requests_have_this_plugins_limits_and_trust(void **state)
{
    const struct mstr_http_request get = {.method = "GET", .url = "https://h.example/", .timeout = 7};
    struct request request = {.traffic = &gcp_http_traffic, .fixed = &get};
    (void)state;
    fake_host_option("ca_file", "/etc/ca.pem");
    request.ca_file = gcp_http_ca_file(fake_host_instance(NULL));
    fake_host_answer("GET", "*", 200, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    assert_int_equal(fake_host_request(0)->request.connect_timeout, 10000);
    assert_int_equal(fake_host_request(0)->request.timeout, 7);
    assert_string_equal(fake_host_request(0)->ca_file, "/etc/ca.pem");
}

static void statuses_that_pass_are_told_from_those_that_stay(void **state)
{
    static const struct {
        int status;
        size_t requests;
    } cases[] = {{503, 3}, {429, 3}, {408, 3}, {501, 1}, {403, 1}, {200, 1}};
    const struct mstr_http_request get = {.method = "GET", .url = "https://h.example/"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = {.traffic = &gcp_http_traffic, .fixed = &get, .read = gcp_http_read};
        size_t before = fake_host_requests();
        for (size_t j = 0; j < cases[i].requests; j++) {
            fake_host_answer("GET", "*", cases[i].status, NULL, "");
        }
        assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);
        assert_int_equal(fake_host_requests() - before, cases[i].requests);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_have_this_plugins_limits_and_trust),
        TEST(statuses_that_pass_are_told_from_those_that_stay),
    };
    return RUN_TESTS("gcp/wire/http");
}
