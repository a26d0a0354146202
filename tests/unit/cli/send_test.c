/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/send.c: subscriptions and events, sent, and waited for */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define ID "50B5C00111E943E8B5FB0080EFD5AF44"

static const struct answer answers[] = {
    {"POST /api/v2/subscriptions/" ID "/send", "202 Accepted", "{}"},
    {"POST /api/events/" ID "/trigger", "204 No Content", ""},
    {"GET /api/dependentSubscriptions?objectId=" ID "&type=49", "200 OK",
     "{\"subscriptions\":[{\"id\":\"" ID "\"},{\"id\":\"../x\"},{\"id\":\"" ID ID ID "\"}]}"},
    {"GET /api/subscriptions/" ID "/status", "200 OK", "{\"contents\":[{\"stage\":2,\"state\":1}]}"},
    {NULL, NULL, NULL},
};

static void what_is_sent_is_waited_for_when_that_is_wished(void **state)
{
    struct server *server = server_start(answers, "");
    (void)state;
    assert_outcome(run_command(command_send, ID), STATUS_DONE, "", "");
    assert_outcome(run_command(command_trigger, ID), STATUS_DONE, "", "");
    assert_int_equal(server_count(server, "GET /api/subscriptions"), 0);
    const struct command *const commands[] = {&command_send, &command_trigger};
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        /* The status of before stays, so that nobody knows whether it is over. */
        const struct outcome *done = run_command(*commands[i], ID, "--wait", "--timeout", "500ms");
        assert_true(done->status == 8 || done->status == 7); /* between two looks, or within one */
        assert_int_equal(run_command(*commands[i], "--quiet")->status, STATUS_USAGE);
        assert_int_equal(run_command(*commands[i], ID, ID)->status, STATUS_USAGE);
    }
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLI_TEST(what_is_sent_is_waited_for_when_that_is_wished)};
    return RUN_CLI_TESTS("cli/send");
}
