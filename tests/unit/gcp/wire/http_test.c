/* Requests with this plugin's deadlines and trust. */
#include "unit/gcp/support.h"

#include "gcp/wire/http.h"

static void request_gets_what_it_leaves_open(void **state)
{
    const struct mstr_http_request request = {.method = "GET", .url = "https://h.example/", .timeout = 7};
    struct mstr_http_response *response = NULL;
    (void)state;
    fake_host_option("ca_file", "/etc/ca.pem");
    fake_host_answer("GET", "*", 200, NULL, "");

    assert_int_equal(gcp_http(fake_host_instance(NULL), fake_host_call(), request, &response, NULL), MSTR_OK);

    assert_int_equal(fake_host_request(0)->request.connect_timeout, 10000);
    assert_int_equal(fake_host_request(0)->request.timeout, 7);
    assert_string_equal(fake_host_request(0)->ca_file, "/etc/ca.pem");
    host->http_free(response);
}

static void failure_to_reach_a_service_passes_and_a_refused_one_does_not(void **state)
{
    (void)state;
    assert_true(gcp_http_is_passing(MSTR_E_NETWORK));
    assert_true(gcp_http_is_passing(MSTR_E_TIMEOUT));
    assert_false(gcp_http_is_passing(MSTR_OK));
    assert_false(gcp_http_is_passing(MSTR_E_TLS));
    assert_false(gcp_http_is_passing(MSTR_E_CANCELLED));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(request_gets_what_it_leaves_open),
        TEST(failure_to_reach_a_service_passes_and_a_refused_one_does_not),
    };
    return RUN_TESTS("gcp/wire/http");
}
