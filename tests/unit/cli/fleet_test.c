/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/fleet.c: what is said of a fleet, over the store of tests/plugins */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <stdio.h>

static const struct answer projects[] = {{"GET /api/projects ", "200 OK", "[]"}, {NULL, NULL, NULL}};

/* A server, and a fleet of its own in the store. */
static struct server *start(const char *space)
{
    char settings[512];
    snprintf(settings, sizeof settings,
             "[plugins]\npath = " TEST_PLUGINS "\n[fleet]\nstore = memory\nspace = cli-fleet-%s\nsessions = 2\n"
             "seal_key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
             space);
    return server_start(projects, settings);
}

static void an_empty_fleet_is_told_slot_by_slot_without_a_login(void **state)
{
    struct server *server = start("empty");
    (void)state;
    assert_outcome(run_command(command_fleet, "status"), STATUS_DONE,
                   "store     memory: of this process\nworkers   0\nslot 0    empty\nslot 1    empty\n", "");
    assert_outcome(run_command(command_fleet, "drain"), STATUS_DONE, "0 sessions ended, 0 of them logged out\n", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 0);
    server_stop(server);
}

static void a_session_is_shown_and_drained_and_no_token_is(void **state)
{
    struct server *server = start("open");
    mstr_context *context = NULL;
    mstr_session *worker = NULL;
    (void)state;
    assert_int_equal(mstr_context_new(NULL, &context, NULL), MSTR_OK);
    assert_int_equal(mstr_session_new(context, NULL, &worker, NULL), MSTR_OK);
    assert_int_equal(mstr_session_open(worker, NULL, NULL), MSTR_OK);
    const struct outcome *done = run_command(command_fleet, "status");
    assert_non_null(strstr(done->output, "open, logged in for "));
    assert_null(strstr(done->output, "token-1"));
    done = run_command(command_fleet, "status", "--json");
    assert_int_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->output, "\"state\": \"open\", \"fence\": "));
    assert_null(strstr(done->output, "token-1"));
    assert_outcome(run_command(command_fleet, "drain", "--json"), STATUS_DONE, "{\"sessions\": 1, \"logouts\": 1}\n",
                   "");
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    assert_non_null(strstr(run_command(command_fleet, "status")->output, "drained, ends in "));
    mstr_session_free(worker);
    mstr_context_free(context);
    server_stop(server);
}

static void json_is_one_object_with_the_way_to_the_store_in_front(void **state)
{
    struct server *server = start("json");
    (void)state;
    assert_outcome(
        run_command(command_fleet, "status", "--json"), STATUS_DONE,
        "{\"store\": [\n    {\"step\": \"memory\", \"outcome\": \"good\", \"detail\": \"of this process\", \"hint\": "
        "null}], \"section\": \"fleet\", \"workers\": 0, \"sessions\": 2, \"pause_ms\": 0, \"slots\": [\n"
        "    {\"slot\": 0, \"state\": \"empty\", \"fence\": 0, \"age_ms\": 0, \"login_age_ms\": 0, \"left_ms\": 0, "
        "\"lease_ms\": 0, \"hint\": null},\n"
        "    {\"slot\": 1, \"state\": \"empty\", \"fence\": 0, \"age_ms\": 0, \"login_age_ms\": 0, \"left_ms\": 0, "
        "\"lease_ms\": 0, \"hint\": null}]}\n",
        "");
    server_stop(server);
}

static void a_profile_without_a_fleet_and_words_that_are_none_are_refused(void **state)
{
    struct server *server = server_start(projects, "");
    (void)state;
    assert_int_equal(run_command(command_fleet, "status")->status, STATUS_CONFIG);
    assert_int_equal(run_command(command_fleet, "drain")->status, STATUS_CONFIG);
    assert_int_equal(run_command(command_fleet, "stop")->status, STATUS_USAGE);
    assert_int_equal(run_command(command_fleet, "status", "more")->status, STATUS_USAGE);
    assert_int_equal(run_command(command_fleet, NULL)->status, STATUS_USAGE);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(an_empty_fleet_is_told_slot_by_slot_without_a_login),
        CLI_TEST(a_session_is_shown_and_drained_and_no_token_is),
        CLI_TEST(json_is_one_object_with_the_way_to_the_store_in_front),
        CLI_TEST(a_profile_without_a_fleet_and_words_that_are_none_are_refused),
    };
    return RUN_CLI_TESTS("cli/fleet");
}
