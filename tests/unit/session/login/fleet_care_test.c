/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/fleet_care.c: what there is of a fleet, and its end, while workers use it */
#include "fleet_machines.h"

#include <mstr/fleet.h>

/* What was told of the slots. */
static struct told {
    mstr_fleet_info info;
    mstr_fleet_slot slots[4];
    size_t count;
} told;

static int note(const mstr_fleet_slot *slot, void *data)
{
    (void)data;
    told.slots[told.count++] = *slot;
    return told.count == COUNT_OF(told.slots);
}

static enum mstr_code status_of(const struct machine *machine)
{
    told = (struct told){.info = MSTR_FLEET_INFO_INIT};
    return mstr_fleet_status(machine->session, NULL, &told.info, note, NULL, NULL);
}

static enum mstr_fleet_state only_state(const struct machine *machine)
{
    assert_int_equal(status_of(machine), MSTR_OK);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.slots[0].slot, 0);
    return told.slots[0].state;
}

static void drain_well(const struct machine *machine, unsigned sessions, unsigned logouts)
{
    mstr_fleet_drained drained = MSTR_FLEET_DRAINED_INIT;
    mstr_error *error = mstr_error_new();
    if (mstr_fleet_drain(machine->session, NULL, &drained, error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(error));
    }
    mstr_error_free(error);
    assert_int_equal(drained.sessions, sessions);
    assert_int_equal(drained.logouts, logouts);
}

static void who_looks_opens_nothing_and_sees_an_empty_fleet(void **state)
{
    const struct machine watcher = machine_with("sessions = 3", "username = analyst\npassword = x");
    (void)state;
    assert_int_equal(status_of(&watcher), MSTR_OK);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.info.sessions, 3);
    assert_int_equal(told.info.workers, 0);
    assert_string_equal(told.info.section, "fleet");
    assert_int_equal(told.slots[2].state, MSTR_FLEET_EMPTY);
    drain_well(&watcher, 0, 0);
    assert_int_equal(server.logins, 0);
    assert_false(mstr_session_is_open(watcher.session));
    machine_free(&watcher);
}

static void a_session_is_seen_with_its_age_and_a_rotation_does_not_make_it_younger(void **state)
{
    const struct machine one = machine_new();
    const struct machine watcher = machine_new();
    (void)state;
    open_well(&one);
    assert_int_equal(only_state(&watcher), MSTR_FLEET_OPEN);
    assert_true(told.slots[0].fence > 0 && told.slots[0].left > 0);
    folder_write(&folder, "control", "clock 3000\n");
    assert_int_equal(only_state(&watcher), MSTR_FLEET_OPEN);
    assert_in_range(told.slots[0].age, 3000, 600000);
    const int64_t before = told.slots[0].fence;
    server.rotates = true;
    request_well(&one);
    for (int i = 0; i < 60000 && told.slots[0].fence == before; i++) { /* published by a thread of the fleet */
        assert_int_equal(only_state(&watcher), MSTR_FLEET_OPEN);
    }
    assert_true(told.slots[0].age < told.slots[0].login_age);
    assert_in_range(told.slots[0].login_age, 3000, 600000);
    machine_free(&one);
    machine_free(&watcher);
}

static void a_drained_session_is_logged_out_and_begun_anew_by_one(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    const struct machine watcher = machine_new();
    (void)state;
    open_well(&one);
    open_well(&other);
    drain_well(&watcher, 1, 1);
    assert_int_equal(server.logouts, 1);
    assert_int_equal(only_state(&watcher), MSTR_FLEET_DRAINED);
    drain_well(&watcher, 0, 0);
    request_well(&one);
    request_well(&other);
    assert_int_equal(server.logins, 2);
    assert_int_equal(only_state(&watcher), MSTR_FLEET_OPEN);
    machine_free(&one);
    machine_free(&other);
    machine_free(&watcher);
}

static void the_servers_limit_is_named_until_it_is_drained(void **state)
{
    const struct machine one = machine_new();
    const struct machine watcher = machine_new();
    char words[256];
    (void)state;
    server.refuses = "{\"code\":\"ERR002\",\"message\":\"too many\",\"iServerCode\":-2147072486}";
    server.status = 500;
    assert_int_not_equal(open_session(&one, 600000, words), MSTR_OK);
    assert_int_equal(only_state(&watcher), MSTR_FLEET_CLOSED);
    assert_in_range(told.slots[0].left, 1, 600000);
    drain_well(&watcher, 0, 0);
    assert_int_equal(only_state(&watcher), MSTR_FLEET_DRAINED);
    machine_free(&one);
    machine_free(&watcher);
}

static void a_session_of_no_fleet_and_a_store_that_is_down_are_told(void **state)
{
    const struct machine alone = machine_with("", "fleet =\nusername = analyst\npassword = x");
    const struct machine nobody = machine_with("", "login_mode = anonymous");
    const struct machine watcher = machine_new();
    (void)state;
    assert_int_equal(status_of(&alone), MSTR_E_CONFIG);
    assert_int_equal(mstr_fleet_drain(alone.session, NULL, NULL, NULL), MSTR_E_CONFIG);
    assert_int_equal(status_of(&nobody), MSTR_E_CONFIG);
    folder_write(&folder, "control", "fault network\n");
    assert_int_equal(status_of(&watcher), MSTR_E_NETWORK);
    assert_int_equal(mstr_fleet_drain(watcher.session, NULL, NULL, NULL), MSTR_E_NETWORK);
    machine_free(&alone);
    machine_free(&nobody);
    machine_free(&watcher);
}

static int note_step(const mstr_explain_step *step, void *data)
{
    assert_non_null(step->name);
    ++*(int *)data;
    return 0;
}

static void the_way_to_the_store_is_told(void **state)
{
    const struct machine alone = machine_with("", "fleet =\nusername = analyst\npassword = x");
    const struct machine watcher = machine_new();
    int steps = 0;
    (void)state;
    assert_int_equal(mstr_fleet_explain(watcher.session, NULL, note_step, &steps, NULL), MSTR_OK);
    assert_true(steps > 0);
    steps = 0;
    assert_int_equal(mstr_fleet_explain(alone.session, NULL, note_step, &steps, NULL), MSTR_OK);
    assert_int_equal(steps, 0);
    machine_free(&alone);
    machine_free(&watcher);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_looks_opens_nothing_and_sees_an_empty_fleet),
        TEST(a_session_is_seen_with_its_age_and_a_rotation_does_not_make_it_younger),
        TEST(a_drained_session_is_logged_out_and_begun_anew_by_one),
        TEST(the_servers_limit_is_named_until_it_is_drained),
        TEST(a_session_of_no_fleet_and_a_store_that_is_down_are_told),
        TEST(the_way_to_the_store_is_told),
    };
    return RUN_TESTS("session/login/fleet_care");
}
