/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/leaving.c: what the last one to leave takes with it, of all slots */
#include "machines.h"

#include "fleet/survey.h"

static const struct fleet_rules rules = {2, FLEET_LOCAL, true};

/* A seat at each of two slots, in one process. */
static struct fleet *sit_at_both(struct fleet_seat *seats[2])
{
    struct fleet *fleet = machines_one_with(machines_keys(MACHINES_KEY, NULL), rules);
    for (size_t i = 0; i < 2; i++) {
        char token[MACHINES_TOKEN];
        snprintf(token, sizeof(token), "canary-token-%d", machines_server.logins + 1);
        seats[i] = machines_sit(fleet);
        machines_expect(seats[i], 0, token);
    }
    return fleet;
}

static void the_last_ends_the_sessions_of_all_slots(void **state)
{
    struct fleet_seat *seats[2];
    struct fleet *fleet = sit_at_both(seats);
    (void)state;
    assert_false(fleet_leave(seats[0]));
    assert_int_equal(machines_server.logouts, 0);
    assert_true(fleet_leave(seats[1])); /* its own is the caller's affair */
    assert_int_equal(machines_server.logouts, 1);
    assert_string_equal(machines_server.logged_out[0], "canary-token-1");
    fleet_free(fleet);
    fleet = sit_at_both(seats); /* whose sessions are new ones: no record was left */
    assert_int_equal(machines_server.logins, 4);
    fleet_leave(seats[0]);
    fleet_leave(seats[1]);
    fleet_free(fleet);
}

/* Leaves both, which ends nothing. */
static void leave_quietly(struct fleet *fleet, struct fleet_seat *const seats[2])
{
    assert_false(fleet_leave(seats[0]));
    assert_false(fleet_leave(seats[1]));
    assert_int_equal(machines_server.logouts, 0);
    fleet_free(fleet);
}

static void who_is_not_the_last_ends_nothing(void **state)
{
    const struct limits limits = test_limits(60000);
    struct fleet_report report = {.failed = true};
    struct fleet_seat *seats[2];
    struct fleet *fleet = sit_at_both(seats);
    struct survey survey;
    (void)state;
    assert_int_equal(survey_init(&survey, fleet, &machines_scope, NULL), MSTR_OK);
    ledger_beat(&survey.account, 0, "0123456789abcdef0123456789abcdef", &limits, &report, NULL);
    assert_false(report.failed);
    leave_quietly(fleet, seats);
}

static void without_the_store_nobody_ends_anything(void **state)
{
    struct fleet_seat *seats[2];
    struct fleet *fleet = sit_at_both(seats);
    (void)state;
    machines_store("fault network\n");
    leave_quietly(fleet, seats);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machines_begin, machines_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_ends_the_sessions_of_all_slots),
        TEST(who_is_not_the_last_ends_nothing),
        TEST(without_the_store_nobody_ends_anything),
    };
    return RUN_TESTS("fleet/leaving");
}
