/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a login: where it is, what is told without it, and what stays when it is written anew. */
#include "support/aws_home.h"

#include "aws/identity/login_cache.h"
#include "base/text.h"

/* SHA-1 of "dev". */
#define FILE_NAME "34c6fceca75e456f25e7e99531e2425c6c1de443.json"

static const struct login_kind kind = {"Try",    "aws try",         "the cache cannot be found", "no try is cached",
                                       EVP_sha1, {"region", "lost"}};
static const struct section profile = {.name = "p"};

static enum mstr_code read_cache(struct login_cache *cache, struct mstr_error *error)
{
    return login_cache_read(&kind, fake_host_call(), &profile, "~/tries", "dev", cache, error);
}

static void assert_unread(enum mstr_code code, const char *message, const char *hint)
{
    struct login_cache cache;
    struct mstr_error *error = host->error_new();
    assert_int_equal(read_cache(&cache, error), code);
    assert_string_equal(host->error_message(error), message);
    assert_true(hint == NULL || strcmp(host->error_text(error, MSTR_DETAIL_HINT), hint) == 0);
    login_cache_release(&cache);
    host->error_free(error);
}

static void what_is_missing_is_told_with_how_to_log_in(void **state)
{
    (void)state;
    assert_unread(MSTR_E_AUTHENTICATION, "Try: no try is cached", "run: aws try --profile p");
    fake_host_env("HOME", NULL);
    assert_unread(MSTR_E_CONFIG, "Try: the cache cannot be found: HOME is not set", NULL);
}

static void a_file_that_is_no_json_is_an_empty_one(void **state)
{
    struct login_cache cache;
    (void)state;
    write_file("tries/" FILE_NAME, "{\"region\":");
    assert_int_equal(read_cache(&cache, NULL), MSTR_OK);
    assert_null(cache.json);
    login_cache_release(&cache);
}

static void what_changed_is_put_beside_what_stays(void **state)
{
    struct login_cache cache;
    struct buffer text = BUFFER_INIT;
    struct configuration config = {.settings = &settings};
    const struct surroundings around = {.call = fake_host_call(), .config = &config};
    (void)state;
    write_file("tries/" FILE_NAME, "{\"region\":\"r\",\"token\":\"old\",\"other\":\"o\"}");
    assert_int_equal(read_cache(&cache, NULL), MSTR_OK);
    json_put_member(&text, "token", "new");
    login_cache_write(&cache, &around, &text);
    buffer_clear(&text);
    assert_int_equal(files_read(fake_host_call(), buffer_text(&cache.path), 4096, &text, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&text), "{\"token\":\"new\",\"region\":\"r\"}");
    buffer_release(&text);
    login_cache_release(&cache);
}

static void what_cannot_be_written_or_renewed_is_told_in_the_log(void **state)
{
    struct configuration config = {.settings = &settings};
    const struct surroundings around = {.call = fake_host_call(), .config = &config};
    struct login_cache cache = {.kind = &kind, .expires = host->now() + 5 * 60000};
    struct buffer text = BUFFER_INIT;
    struct mstr_error *why = host->error_new();
    (void)state;
    buffer_puts(&cache.path, "/dev/null/file");
    host->error_set(why, MSTR_E_NETWORK, "away");

    assert_false(login_cache_lasts(&cache));
    assert_true(login_cache_bears(&cache, &around, why));
    json_put_member(&text, "token", "new");
    login_cache_write(&cache, &around, &text);
    assert_contains(fake_host_log(), "the login could not be renewed: away");
    assert_contains(fake_host_log(), "the renewed login is not kept: ");
    cache.expires++;
    assert_true(login_cache_lasts(&cache));
    cache.expires = host->now();
    assert_false(login_cache_bears(&cache, &around, why));

    host->error_free(why);
    buffer_release(&text);
    login_cache_release(&cache);
}

int main(void)
{
#define AT_HOME(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        AT_HOME(what_is_missing_is_told_with_how_to_log_in),
        AT_HOME(a_file_that_is_no_json_is_an_empty_one),
        AT_HOME(what_changed_is_put_beside_what_stays),
        AT_HOME(what_cannot_be_written_or_renewed_is_told_in_the_log),
    };
    return RUN_TESTS("aws/identity/login_cache");
}
