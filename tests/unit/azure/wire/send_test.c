/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as this provider sends them. */
#include "azure/wire/send.h"

#include "support/fake_host.h"
#include "support/unit.h"

static void requests_have_limits_and_the_instances_authorities(void **state)
{
    const struct mstr_http_request get = {.method = "GET", .url = "https://corp.vault.azure.net/"};
    struct request request = {.traffic = &send_traffic, .fixed = &get};
    (void)state;
    fake_host_option("ca_file", "/ca.pem");
    request.ca_file = send_ca_file(fake_host_instance(NULL));
    fake_host_answer("GET", get.url, 200, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    assert_int_equal(fake_host_request(0)->request.connect_timeout, 10000);
    assert_int_equal(fake_host_request(0)->request.timeout, 30000);
    assert_string_equal(fake_host_request(0)->ca_file, "/ca.pem");
}

static void trace_id_is_written_as_a_guid(void **state)
{
    char id[REQUEST_ID_LENGTH + 1];
    const struct mstr_call whole = {.trace_id = "0123456789abcdef0123456789abcdef"};
    const struct mstr_call cut = {.trace_id = "abc"};
    (void)state;

    send_request_id(&whole, id);
    assert_string_equal(id, "01234567-89ab-cdef-0123-456789abcdef");
    send_request_id(&cut, id);
    assert_string_equal(id, "abc00000-0000-0000-0000-000000000000");
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(requests_have_limits_and_the_instances_authorities),
        cmocka_unit_test(trace_id_is_written_as_a_guid),
    };
    return RUN_TESTS("azure/wire/send");
}
