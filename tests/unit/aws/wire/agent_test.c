/* SPDX-License-Identifier: Apache-2.0 */
/* What the services of the machine answer, and which of their failures pass. */
#include "aws/wire/agent.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static void statuses_have_a_class(void **state)
{
    (void)state;
    assert_int_equal(agent_class(429), MSTR_E_THROTTLED);
    assert_int_equal(agent_class(500), MSTR_E_UNAVAILABLE);
    assert_int_equal(agent_class(403), MSTR_E_AUTHENTICATION);
}

static void passing_failures_are_tried_again_and_the_last_answer_is_given_out(void **state)
{
    static const struct {
        int status; /* 0 = nobody answers in time */
        size_t requests;
    } cases[] = {{503, 3}, {429, 3}, {0, 3}, {403, 1}, {404, 1}, {200, 1}};
    const struct traffic traffic = agent_traffic(3, 100, 1000, 2000);
    const struct mstr_http_request get = {.method = "GET", .url = "http://169.254.170.2/"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = fake_host_requests();
        struct request request = {.traffic = &traffic, .fixed = &get, .read = agent_read, .keeps_answer = true};
        for (size_t j = 0; j < cases[i].requests; j++) {
            if (cases[i].status == 0) {
                fake_host_fail("GET", "*", MSTR_E_TIMEOUT, "slow");
            } else {
                fake_host_answer("GET", "*", cases[i].status, NULL, "");
            }
        }
        enum mstr_code code = request_send(&request, fake_host_call());
        assert_int_equal(fake_host_requests() - before, cases[i].requests);
        assert_int_equal(code, cases[i].status == 0 ? MSTR_E_TIMEOUT : MSTR_OK);
        if (code == MSTR_OK) {
            assert_int_equal(host->http_answer(request.answer)->status, cases[i].status);
        }
        host->http_free(request.answer);
    }
    assert_int_equal(fake_host_slept(), 600);
    assert_true(fake_host_request(0)->request.flags & MSTR_HTTP_NO_PROXY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(statuses_have_a_class),
        TEST(passing_failures_are_tried_again_and_the_last_answer_is_given_out),
    };
    return RUN_TESTS("aws/wire/agent");
}
