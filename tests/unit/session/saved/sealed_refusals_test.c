/* SPDX-License-Identifier: Apache-2.0 */
/* Refused logins that processes tell each other beside a saved session. */
#include "session/saved/sealed_refusals.h"

#include "support/mounted.h"

static const struct limits unlimited = {INT64_MAX, NULL};
static char *path;

static int make_place(void **state)
{
    (void)state;
    path = test_file("", 0);
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    test_remove_saved(path);
    free(path);
    return 0;
}

static struct mounted *with_key(const char *key)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal(key));
    return mounted;
}

static size_t read_by(const char *key, struct refusal_record *record)
{
    struct mounted *mounted = with_key(key);
    struct snapshot_lock lock;
    mounted_done(mounted, snapshot_file_lock(path, &unlimited, &lock, mounted->error));
    mounted_done(mounted, sealed_refusals_read(mounted->session, path, &lock, &unlimited, record, mounted->error));
    assert_string_equal(mstr_error_message(mounted->error), "");
    snapshot_file_unlock(&lock);
    mounted_free(mounted);
    return record->count;
}

static void write_by(const char *key, const struct refusal_record *record)
{
    struct mounted *mounted = with_key(key);
    struct snapshot_lock lock;
    mounted_done(mounted, snapshot_file_lock(path, &unlimited, &lock, mounted->error));
    mounted_done(mounted, sealed_refusals_write(mounted->session, path, &lock, &unlimited, record, mounted->error));
    snapshot_file_unlock(&lock);
    mounted_free(mounted);
}

static void what_one_process_noted_another_reads_and_nobody_without_the_key(void **state)
{
    static const unsigned char digest[REFUSAL_DIGEST] = "what was tried";
    const struct refusal refusal = {1, {1}, 1, 1};
    struct refusal_record record;
    (void)state;
    assert_int_equal(read_by("key", &record), 0); /* nothing is there yet */
    refusal_record_set(&record, digest, &refusal);
    write_by("key", &record);

    assert_int_equal(read_by("other", &record), 0);
    assert_int_equal(read_by("key", &record), 1);
    assert_non_null(refusal_record_find(&record, digest));

    const struct refusal good = {.times = 0};
    refusal_record_set(&record, digest, &good);
    write_by("key", &record);
    assert_int_equal(read_by("key", &record), 0);
}

static void a_record_that_has_not_changed_is_not_written_and_one_without_a_place_told(void **state)
{
    static const unsigned char digest[REFUSAL_DIGEST] = "what was tried";
    const struct refusal refusal = {1, {1}, 1, 1};
    const struct snapshot_lock none = {.file = -1};
    struct mounted *mounted = with_key("key");
    mstr_session *session = mounted->session;
    struct refusal_record record;
    (void)state;
    mounted_done(mounted, sealed_refusals_read(session, path, &none, &unlimited, &record, mounted->error));
    mounted_done(mounted, sealed_refusals_write(session, path, &none, &unlimited, &record, mounted->error));

    refusal_record_set(&record, digest, &refusal);
    assert_int_equal(sealed_refusals_write(session, path, &none, &unlimited, &record, mounted->error), MSTR_E_CONFIG);

    assert_told(mounted, "cannot write /tmp/mstr-test-");
    mounted_free(mounted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_one_process_noted_another_reads_and_nobody_without_the_key),
        TEST(a_record_that_has_not_changed_is_not_written_and_one_without_a_place_told),
    };
    return RUN_TESTS("session/saved/sealed_refusals");
}
