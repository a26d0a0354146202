/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of mounts. */
#include "vault/service/mounts.h"

#include "unit/vault/support.h"

static void the_longest_mount_of_the_namespace_counts(void **state)
{
    struct vault_mounts mounts;
    (void)state;
    assert_true(vault_mounts_init(&mounts));
    vault_mounts_learn(&mounts, NULL, "team/app/x", &(struct vault_mount){5, VAULT_KV_1});
    vault_mounts_learn(&mounts, NULL, "team/app/x", &(struct vault_mount){9, VAULT_KV_2});
    vault_mounts_learn(&mounts, "ns", "team/app/x", &(struct vault_mount){5, VAULT_KV_NONE});

    assert_int_equal(vault_mounts_find(&mounts, NULL, "team/app/y").kv, VAULT_KV_2);
    assert_int_equal(vault_mounts_find(&mounts, NULL, "team/app/y").length, 9);
    assert_int_equal(vault_mounts_find(&mounts, NULL, "team/other").kv, VAULT_KV_1);
    assert_int_equal(vault_mounts_find(&mounts, "ns", "team/app/y").kv, VAULT_KV_NONE);
    assert_int_equal(vault_mounts_find(&mounts, "other", "team/app/y").kv, VAULT_KV_AUTO);
    assert_int_equal(vault_mounts_find(&mounts, NULL, "teams/x").length, 0);
    vault_mounts_destroy(&mounts);
}

static void what_is_learnt_later_counts_until_it_is_forgotten(void **state)
{
    struct vault_mounts mounts;
    (void)state;
    assert_true(vault_mounts_init(&mounts));
    vault_mounts_learn(&mounts, NULL, "kv/x", &(struct vault_mount){3, VAULT_KV_1});
    vault_mounts_learn(&mounts, NULL, "kv/x", &(struct vault_mount){3, VAULT_KV_2});
    assert_int_equal(vault_mounts_find(&mounts, NULL, "kv/x").kv, VAULT_KV_2);
    vault_mounts_clear(&mounts);
    assert_int_equal(vault_mounts_find(&mounts, NULL, "kv/x").kv, VAULT_KV_AUTO);
    vault_mounts_destroy(&mounts);
}

static void no_more_is_kept_than_anybody_has(void **state)
{
    struct vault_mounts mounts;
    (void)state;
    assert_true(vault_mounts_init(&mounts));
    for (int i = 0; i < 1000; i++) {
        char path[16];
        snprintf(path, sizeof(path), "m%03d/x", i);
        vault_mounts_learn(&mounts, NULL, path, &(struct vault_mount){5, VAULT_KV_1});
        assert_true(mounts.count <= 256);
    }
    assert_int_equal(vault_mounts_find(&mounts, NULL, "m999/x").kv, VAULT_KV_1);
    vault_mounts_destroy(&mounts);
}

static void what_the_look_up_tells_must_be_of_the_path(void **state)
{
    static const struct {
        const char *body;
        const char *path;
        size_t length; /* 0 = it is not */
        enum vault_kv kv;
    } cases[] = {
        {KV_2, "secret/app", 7, VAULT_KV_2},
        {KV_2, "secret", 6, VAULT_KV_2},
        {KV_1, "secret/app", 7, VAULT_KV_1},
        {MOUNT("secret/", "kv", "null"), "secret/app", 7, VAULT_KV_1},
        {MOUNT("team/secret/", "kv", "{\"version\":\"2\"}"), "team/secret/app", 12, VAULT_KV_2},
        {MOUNT("db/", "database", "null"), "db/creds/x", 3, VAULT_KV_NONE},
        {KV_2, "secrets/app", 0, VAULT_KV_AUTO},
        {MOUNT("", "kv", "null"), "secret/app", 0, VAULT_KV_AUTO},
        {"{\"data\":{\"path\":\"secret/\"}}", "secret/app", 0, VAULT_KV_AUTO},
        {"{}", "secret/app", 0, VAULT_KV_AUTO},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vault_answer answer;
        struct vault_mount mount = {.length = 0};
        const struct mstr_http_answer http = {
            .status = 200, .body = cases[i].body, .body_length = strlen(cases[i].body)};
        assert_int_equal(vault_answer_read(&http, &answer, NULL), MSTR_OK);
        assert_int_equal(vault_mount_read(&answer, cases[i].path, &mount, NULL),
                         cases[i].length > 0 ? MSTR_OK : MSTR_E_PROTOCOL);
        assert_int_equal(mount.length, cases[i].length);
        assert_int_equal(mount.kv, cases[i].kv);
        vault_answer_release(&answer);
    }
}

int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_mount_of_the_namespace_counts),
        cmocka_unit_test(what_is_learnt_later_counts_until_it_is_forgotten),
        cmocka_unit_test(no_more_is_kept_than_anybody_has),
        cmocka_unit_test(what_the_look_up_tells_must_be_of_the_path),
    };
    return RUN_TESTS("vault/service/mounts");
}
