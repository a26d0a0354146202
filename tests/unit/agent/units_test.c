/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/units.c */
#include "agent/units.h"

#include "support/unit.h"

static void a_users_unit_needs_no_user_namespace_and_no_right(void **state)
{
    (void)state;
    static const char *const needing[] = {"ProtectSystem",         "ProtectHome",          "PrivateTmp",
                                          "PrivateDevices",        "ProtectKernel",        "ProtectProc",
                                          "CapabilityBoundingSet", "ProtectControlGroups", "Nice=-10"};
    struct buffer user = BUFFER_INIT;
    struct buffer host = BUFFER_INIT;
    units_write_service(false, "/usr/bin/mstr-agent", &user);
    units_write_service(true, "/usr/bin/mstr-agent", &host);
    for (size_t i = 0; i < COUNT_OF(needing); i++) {
        assert_null(strstr(buffer_text(&user), needing[i]));
        assert_non_null(strstr(buffer_text(&host), needing[i]));
    }
    assert_non_null(strstr(buffer_text(&user), "\nExecStart=/usr/bin/mstr-agent run\n"));
    assert_non_null(strstr(buffer_text(&user), "\nRestart=on-failure\n"));
    buffer_release(&user);
    buffer_release(&host);
}

static void the_socket_is_where_clients_look_and_has_the_name_that_the_agent_takes(void **state)
{
    (void)state;
    struct buffer user = BUFFER_INIT;
    struct buffer host = BUFFER_INIT;
    units_write_socket(false, &user);
    units_write_socket(true, &host);
    assert_non_null(strstr(buffer_text(&user), "\nListenStream=%t/mstr/agent.sock\nFileDescriptorName=api\n"));
    assert_non_null(strstr(buffer_text(&host), "\nListenStream=/run/mstr/agent.sock\nFileDescriptorName=api\n"));
    buffer_release(&user);
    buffer_release(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_users_unit_needs_no_user_namespace_and_no_right),
        cmocka_unit_test(the_socket_is_where_clients_look_and_has_the_name_that_the_agent_takes),
    };
    return RUN_TESTS("agent/units");
}
