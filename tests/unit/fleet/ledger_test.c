/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the store, under which names, and who may write it. */
#include "machines.h"

#include "fleet/ledger.h"

static struct ledger ledger;
static struct ledger_account account;
static struct ledger_lease lease;
static struct limits limits;

static int begin(void **state)
{
    machines_begin(state);
    ledger = (struct ledger){machines_instance(), machines_keys(MACHINES_KEY, NULL)};
    account = (struct ledger_account){.ledger = &ledger, .scope = machines_scope};
    limits = test_limits(600000);
    assert_true(fleet_keys_group(ledger.keys, &machines_scope, account.group));
    return 0;
}

static int end(void **state)
{
    store_instance_free(ledger.store);
    fleet_keys_free((struct fleet_keys *)(uintptr_t)ledger.keys);
    return machines_end(state);
}

static struct fleet_report acquire(unsigned slot, int64_t known)
{
    struct fleet_report report = {.failed = true};
    ledger_acquire(&account, slot, known, &limits, &report, &lease, NULL);
    assert_false(report.failed);
    return report;
}

static struct fleet_report publish(unsigned slot, const char *text)
{
    struct fleet_report report = {.failed = true};
    const struct ledger_session session = {mstr_secret_new(text, strlen(text)), 12345, 60000};
    ledger_publish(&account, slot, &lease, &session, &limits, &report, NULL);
    assert_false(report.failed);
    mstr_secret_release(session.state);
    return report;
}

/* Asserts what is read there, "" = no session. */
static struct fleet_report read_slot(unsigned slot, const char *text)
{
    struct fleet_report report = {.failed = true};
    struct ledger_session session = {.state = NULL};
    ledger_read(&account, slot, 0, &limits, &report, &session, NULL);
    assert_false(report.failed);
    assert_string_equal(session.state != NULL ? mstr_secret_octets(session.state) : "", text);
    assert_int_equal(session.login, session.state != NULL ? 12345 : 0);
    assert_int_equal(session.idle, session.state != NULL ? 60000 : 0);
    assert_int_equal(report.idle, session.idle);
    mstr_secret_release(session.state);
    return report;
}

static void a_session_is_read_as_it_was_published(void **state)
{
    (void)state;
    assert_int_equal(read_slot(0, "").verdict, FLEET_ABSENT);
    assert_int_equal(acquire(0, 0).outcome, MSTR_STORE_DONE);
    assert_int_equal(publish(0, "a session").outcome, MSTR_STORE_DONE);
    const struct fleet_report report = read_slot(0, "a session");
    assert_int_equal(report.verdict, FLEET_OPENED);
    assert_int_equal(report.kind, FLEET_SESSION);
    assert_int_equal(report.fence, lease.fence);
    read_slot(1, "");
}

static void a_lease_is_had_by_one_and_ends_with_its_write(void **state)
{
    (void)state;
    acquire(0, 0);
    const struct ledger_lease mine = lease;
    assert_int_equal(acquire(0, 0).outcome, MSTR_STORE_HELD);
    assert_int_equal(publish(0, "not mine").outcome, MSTR_STORE_LOST);
    lease = mine;
    assert_int_equal(publish(0, "mine").outcome, MSTR_STORE_DONE);
    assert_int_equal(publish(0, "again").outcome, MSTR_STORE_LOST);
    assert_int_equal(acquire(0, 0).outcome, MSTR_STORE_CHANGED);
    assert_int_equal(acquire(0, mine.fence).outcome, MSTR_STORE_DONE);
    assert_true(lease.fence > mine.fence);
}

static void a_lease_is_renewed_and_given_back(void **state)
{
    struct fleet_report report = {.failed = true};
    (void)state;
    acquire(0, 0);
    ledger_renew(&account, 0, &lease, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    ledger_release(&account, 0, &lease, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    ledger_renew(&account, 0, &lease, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_LOST);
    assert_int_equal(acquire(0, 0).outcome, MSTR_STORE_DONE);
}

static void a_closed_slot_is_no_session(void **state)
{
    struct fleet_report report = {.failed = true};
    (void)state;
    acquire(0, 0);
    ledger_close(&account, 0, &lease, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    report = read_slot(0, "");
    assert_int_equal(report.verdict, FLEET_OPENED);
    assert_int_equal(report.kind, FLEET_LIMIT);
    assert_true(report.left > 0 && report.left <= FLEET_CLOSED);
}

static void a_drained_slot_is_no_session_and_others_read_so_for_two_minutes(void **state)
{
    struct fleet_report report = {.failed = true};
    (void)state;
    acquire(0, 0);
    publish(0, "a session");
    acquire(0, lease.fence);
    ledger_drain(&account, 0, &lease, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    report = read_slot(0, "");
    assert_int_equal(report.kind, FLEET_DRAINED);
    assert_int_equal(report.fence, lease.fence);
    assert_true(report.left > 0 && report.left <= FLEET_DRAINING);
}

static void refusals_are_the_accounts_and_bear_the_stores_time(void **state)
{
    const unsigned char digest[REFUSAL_DIGEST] = "0123456789abcdef0123456789abcde";
    int64_t now = clock_monotonic();
    const struct refusal once = {1, {now - 10}, now + 30000, now};
    struct refusal_record refusals;
    struct fleet_report report = {.failed = true};
    (void)state;
    machines_store("clock 3600000\n"); /* the store's clock is another than this machine's */
    ledger_read_refusals(&account, &limits, &report, &refusals, NULL);
    assert_int_equal(refusals.count, 0);
    refusal_record_set(&refusals, digest, &once);
    acquire(3, 0);
    ledger_put_refusals(&account, 3, &lease, &refusals, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    ledger_read_refusals(&account, &limits, &report, &refusals, NULL);
    assert_int_equal(refusals.count, 1);
    const struct refusal *read = refusal_record_find(&refusals, digest);
    assert_non_null(read);
    assert_true(read->until <= now + 60000 && read->until > now);
    assert_int_equal(acquire(3, 0).outcome, MSTR_STORE_DONE); /* the lease was given back */
}

static void workers_are_counted_and_see_the_sessions_fence(void **state)
{
    struct fleet_report report = {.failed = true};
    (void)state;
    acquire(0, 0);
    publish(0, "a session");
    ledger_beat(&account, 0, "one", &limits, &report, NULL);
    ledger_beat(&account, 0, "two", &limits, &report, NULL);
    assert_int_equal(report.members, 2);
    assert_int_equal(report.fence, lease.fence);
    ledger_leave(&account, "one", &limits, &report, NULL);
    assert_int_equal(report.members, 1);
}

static void one_keeps_alive_at_a_time(void **state)
{
    struct fleet_report report = {.failed = true};
    (void)state;
    ledger_take_keeping(&account, 0, 200000, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    ledger_take_keeping(&account, 0, 200000, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_HELD);
    assert_true(report.left > 0 && report.left <= 200000);
}

static void a_record_is_extended_and_removed_by_its_fence(void **state)
{
    struct fleet_report report = {.failed = true};
    (void)state;
    acquire(0, 0);
    publish(0, "a session");
    ledger_extend(&account, 0, lease.fence, 500000, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    assert_true(read_slot(0, "a session").left > 60000);
    ledger_remove(&account, 0, lease.fence - 1, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_CHANGED);
    ledger_remove(&account, 0, lease.fence, &limits, &report, NULL);
    assert_int_equal(report.outcome, MSTR_STORE_DONE);
    read_slot(0, "");
}

static void who_listens_hears_of_what_is_published(void **state)
{
    static const char *const nonsense[] = {"nonsense", "5 1 2", "4294967301 1", "5 18446744073709551617"};
    void *subscription = NULL;
    unsigned slot = 99;
    int64_t fence = 0;
    bool told = false;
    const struct mstr_store_key channel = {account.group, "c"};
    (void)state;
    assert_int_equal(ledger_subscribe(&account, &subscription, &limits, NULL), MSTR_OK);
    acquire(5, 0);
    publish(5, "a session");
    assert_int_equal(ledger_next(&account, subscription, &limits, &slot, &fence, &told, NULL), MSTR_OK);
    assert_true(told);
    assert_int_equal(slot, 5);
    assert_int_equal(fence, lease.fence);
    for (size_t i = 0; i < COUNT_OF(nonsense); i++) {
        assert_int_equal(store_instance_publish(ledger.store, &channel, nonsense[i], &limits, NULL), MSTR_OK);
        assert_int_equal(ledger_next(&account, subscription, &limits, &slot, &fence, &told, NULL), MSTR_OK);
        assert_false(told);
    }
    store_instance_unsubscribe(ledger.store, subscription);
}

static void a_failure_of_the_store_is_told(void **state)
{
    struct fleet_report report = {.failed = false};
    mstr_error *error = mstr_error_new();
    (void)state;
    machines_store("fault network\n");
    ledger_acquire(&account, 0, 0, &limits, &report, &lease, error);
    assert_true(report.failed);
    assert_int_equal(mstr_error_code(error), MSTR_E_NETWORK);
    mstr_error_free(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_read_as_it_was_published),
        TEST(a_lease_is_had_by_one_and_ends_with_its_write),
        TEST(a_lease_is_renewed_and_given_back),
        TEST(a_closed_slot_is_no_session),
        TEST(a_drained_slot_is_no_session_and_others_read_so_for_two_minutes),
        TEST(refusals_are_the_accounts_and_bear_the_stores_time),
        TEST(workers_are_counted_and_see_the_sessions_fence),
        TEST(one_keeps_alive_at_a_time),
        TEST(a_record_is_extended_and_removed_by_its_fence),
        TEST(who_listens_hears_of_what_is_published),
        TEST(a_failure_of_the_store_is_told),
    };
    return RUN_TESTS("fleet/ledger");
}
