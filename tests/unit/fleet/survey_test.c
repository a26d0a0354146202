/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/survey.c: what stands in the store, and its end, beside workers that use it */
#include "machines.h"

#include "fleet/survey.h"

static struct fleet *fleet;
static struct survey survey;
static struct limits limits;

static int begin(void **state)
{
    machines_begin(state);
    fleet = machines_one();
    limits = test_limits(600000);
    assert_int_equal(survey_init(&survey, fleet, &machines_scope, NULL), MSTR_OK);
    return 0;
}

static int end(void **state)
{
    fleet_free(fleet);
    return machines_end(state);
}

static struct survey_slot look(void)
{
    struct survey_slot found;
    assert_int_equal(survey_slot(&survey, 0, &limits, &found, NULL), MSTR_OK);
    return found;
}

static int64_t lease_seen;

static void look_during_a_login(void)
{
    lease_seen = look().lease;
}

static void whoever_has_the_lease_is_seen_and_keeps_it(void **state)
{
    struct fleet *worker = machines_one();
    struct fleet_seat *seat = machines_sit(worker);
    (void)state;
    assert_int_equal(look().verdict, FLEET_ABSENT);
    assert_int_equal(look().lease, 0); /* looking took none */
    machines_server.during = look_during_a_login;
    machines_expect(seat, 0, "canary-token-1");
    assert_in_range(lease_seen, 1, FLEET_LEASE);
    assert_int_equal(look().kind, FLEET_SESSION);
    assert_int_equal(look().lease, 0);
    fleet_leave(seat);
    fleet_free(worker);
}

static void a_drain_gives_what_stood_there_once(void **state)
{
    struct fleet *worker = machines_one();
    struct fleet_seat *seat = machines_sit(worker);
    mstr_secret *taken = NULL;
    (void)state;
    const uint64_t generation = machines_expect(seat, 0, "canary-token-1");
    assert_int_equal(survey_drain(&survey, 0, &limits, &taken, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(taken), "canary-token-1");
    mstr_secret_release(taken);
    assert_int_equal(survey_drain(&survey, 0, &limits, &taken, NULL), MSTR_OK);
    assert_null(taken);
    assert_int_equal(look().kind, FLEET_DRAINED);
    machines_expect(seat, generation, "canary-token-2");
    fleet_leave(seat);
    fleet_free(worker);
}

static void what_another_key_sealed_is_left_alone(void **state)
{
    struct fleet *worker = machines_one();
    struct fleet_seat *seat = machines_sit(worker);
    struct fleet_keys *keys = machines_keys(MACHINES_OTHER, NULL);
    const struct ledger ledger = {survey.account.ledger->store, keys};
    struct survey strange = survey;
    mstr_secret *taken = NULL;
    (void)state;
    machines_expect(seat, 0, "canary-token-1");
    const int64_t fence = look().fence;
    strange.account.ledger = &ledger; /* the names of the one, the key of the other */
    assert_int_equal(survey_drain(&strange, 0, &limits, &taken, NULL), MSTR_E_CONFIG);
    assert_null(taken);
    assert_int_equal(look().fence, fence);
    fleet_keys_free(keys);
    fleet_leave(seat);
    fleet_free(worker);
}

static void a_drain_that_meets_a_login_ends_with_its_limits(void **state)
{
    const struct limits little = test_limits(300);
    struct ledger_lease lease;
    struct fleet_report report = {.failed = true};
    mstr_secret *taken = NULL;
    (void)state;
    ledger_acquire(&survey.account, 0, 0, &limits, &report, &lease, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    assert_int_equal(survey_drain(&survey, 0, &little, &taken, NULL), MSTR_E_TIMEOUT);
    ledger_release(&survey.account, 0, &lease, &limits, &report, NULL);
    assert_int_equal(survey_drain(&survey, 0, &limits, &taken, NULL), MSTR_OK);
}

static void a_store_that_is_down_is_told(void **state)
{
    struct survey_slot found;
    size_t members = 0;
    int64_t pause = 0;
    (void)state;
    machines_store("fault network\n");
    assert_int_equal(survey_slot(&survey, 0, &limits, &found, NULL), MSTR_E_NETWORK);
    assert_int_equal(survey_account(&survey, &limits, &members, &pause, NULL), MSTR_E_NETWORK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_has_the_lease_is_seen_and_keeps_it),
        TEST(a_drain_gives_what_stood_there_once),
        TEST(what_another_key_sealed_is_left_alone),
        TEST(a_drain_that_meets_a_login_ends_with_its_limits),
        TEST(a_store_that_is_down_is_told),
    };
    return RUN_TESTS("fleet/survey");
}
