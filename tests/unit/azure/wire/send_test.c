/* Requests as this provider sends them. */
#include "azure/wire/send.h"

#include "support/fake_host.h"
#include "support/unit.h"

static enum mstr_code send_to_vault(struct mstr_http_request request)
{
    struct mstr_http_response *response = NULL;
    request.method = "GET";
    request.url = "https://corp.vault.azure.net/";
    fake_host_answer("GET", request.url, 200, NULL, "");
    enum mstr_code code = send_request(fake_host_instance(NULL), fake_host_call(), request, &response, NULL);
    fake_host_table()->http_free(response);
    return code;
}

static void requests_have_limits_and_the_instances_authorities(void **state)
{
    const struct mstr_http_request own = {.connect_timeout = 1, .timeout = 2, .ca_file = "/own.pem"};
    (void)state;
    fake_host_option("ca_file", "/ca.pem");

    assert_int_equal(send_to_vault((struct mstr_http_request){.size = 0}), MSTR_OK);
    assert_int_equal(send_to_vault(own), MSTR_OK);
    assert_int_equal(send_to_vault((struct mstr_http_request){.ca_pem = "PEM"}), MSTR_OK);

    assert_int_equal(fake_host_request(0)->request.connect_timeout, 10000);
    assert_int_equal(fake_host_request(0)->request.timeout, 30000);
    assert_string_equal(fake_host_request(0)->ca_file, "/ca.pem");
    assert_int_equal(fake_host_request(1)->request.connect_timeout, 1);
    assert_int_equal(fake_host_request(1)->request.timeout, 2);
    assert_string_equal(fake_host_request(1)->ca_file, "/own.pem");
    assert_null(fake_host_request(2)->ca_file);
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

static void only_visible_text_fits_a_header(void **state)
{
    static const char *const cases[] = {"", "a b", "a\r\nX: y", "a\x7f", "\xc3\xa9"};
    (void)state;

    assert_true(send_fits_header("!a~", 3));
    assert_false(send_fits_header("a\0b", 3));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(send_fits_header(cases[i], strlen(cases[i])));
    }
}

static void failures_in_passing_are_told_from_lasting_ones(void **state)
{
    static const int lasting[] = {200, 302, 400, 401, 403, 404, 409, 501};
    static const int passing[] = {408, 429, 500, 502, 503, 504};
    (void)state;

    assert_true(send_is_passing(MSTR_E_NETWORK));
    assert_true(send_is_passing(MSTR_E_TIMEOUT));
    assert_false(send_is_passing(MSTR_E_TLS));
    assert_false(send_is_passing(MSTR_E_CANCELLED));
    for (size_t i = 0; i < COUNT_OF(passing); i++) {
        assert_true(send_status_is_passing(passing[i]));
    }
    for (size_t i = 0; i < COUNT_OF(lasting); i++) {
        assert_false(send_status_is_passing(lasting[i]));
    }
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(requests_have_limits_and_the_instances_authorities),
        cmocka_unit_test(trace_id_is_written_as_a_guid),
        cmocka_unit_test(only_visible_text_fits_a_header),
        cmocka_unit_test(failures_in_passing_are_told_from_lasting_ones),
    };
    return RUN_TESTS("azure/wire/send");
}
