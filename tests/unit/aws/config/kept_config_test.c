/* SPDX-License-Identifier: Apache-2.0 */
/* The shared config and credentials files of an instance: read once, and again when one of them has changed. */
#include "aws/config/kept_config.h"

#include "support/aws_home.h"
#include "support/vectors.h"

#include <fcntl.h>

static struct kept_config kept;

/* Times of files are long past but where a test says otherwise. */
static void write_at(const char *name, const char *text, time_t seconds)
{
    const struct timespec times[] = {{.tv_sec = seconds}, {.tv_sec = seconds, .tv_nsec = 500}};
    char path[256];
    write_file(name, text);
    home_path(name, path);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int make(void **state)
{
    aws_home_make(state);
    assert_true(kept_config_init(&kept));
    write_at(".aws/config", "[default]\nkey=first\n", 1000000000);
    write_at(".aws/credentials", "[default]\nsecret=s\n", 1000000000);
    return 0;
}

static int drop(void **state)
{
    kept_config_destroy(&kept);
    return aws_home_drop(state);
}

static struct shared_config *get(void)
{
    struct shared_config *config = NULL;
    assert_int_equal(kept_config_get(&kept, fake_host_call(), &config, NULL), MSTR_OK);
    return config;
}

/* What the default profile says; "" for nothing. */
static void assert_says(const char *key, const char *expected)
{
    struct shared_config *config = get();
    const char *found = section_get(shared_config_find(config, SECTION_PROFILE, "default"), key);
    assert_string_equal(found != NULL ? found : "", expected);
    shared_config_release(config);
}

static void the_files_are_found_where_the_public_cases_say(void **state)
{
    (void)state;
    struct json_object *whole = vector_json("aws/profile/file-location-tests.json");
    struct json_object *cases = json_member(whole, "tests");
    for (size_t i = 0; whole != NULL && i < json_object_array_length(cases); i++) {
        struct json_object *test = json_object_array_get_idx(cases, i);
        struct buffer config = BUFFER_INIT;
        struct buffer credentials = BUFFER_INIT;
        if (strcmp(json_member_text(test, "platform"), "linux") != 0) {
            continue;
        }
        fake_host_reset();
        json_object_object_foreach(json_member(test, "environment"), name, value)
        {
            fake_host_env(name, json_object_get_string(value));
        }
        assert_true(kept_config_path(false, &config));
        assert_true(kept_config_path(true, &credentials));
        assert_string_equal(buffer_text(&config), json_member_text(test, "configLocation"));
        assert_string_equal(buffer_text(&credentials), json_member_text(test, "credentialsLocation"));
        buffer_release(&config);
        buffer_release(&credentials);
    }
    json_release(whole);
}

static void files_that_did_not_change_are_read_once(void **state)
{
    struct shared_config *first = get();
    struct shared_config *second = get();
    (void)state;
    assert_ptr_equal(first, second);
    shared_config_release(first);
    shared_config_release(second);
}

static void files_that_are_absent_are_not_looked_for_again_either(void **state)
{
    (void)state;
    fake_host_env("HOME", "/nowhere");
    files_that_did_not_change_are_read_once(state);
    fake_host_env("HOME", NULL);
    files_that_did_not_change_are_read_once(state);
}

static void a_change_of_any_kind_is_noticed(void **state)
{
    char path[256], other[256];
    (void)state;
    assert_says("key", "first");
    write_at(".aws/config", "[default]\nkey=later\n", 1000000001);
    assert_says("key", "later");
    write_at(".aws/config", "[default]\nkey=longer\n", 1000000001);
    assert_says("key", "longer");

    write_at("fresh", "[default]\nkey=inodes\n", 1000000001);
    home_path("fresh", other);
    home_path(".aws/config", path);
    assert_int_equal(rename(other, path), 0);
    assert_says("key", "inodes");

    assert_int_equal(unlink(path), 0);
    assert_says("key", "");
    write_at(".aws/config", "[default]\nkey=back\n", 1000000001);
    assert_says("key", "back");
    assert_says("secret", "s");
    write_at(".aws/credentials", "[default]\nsecret=t\n", 1000000001);
    assert_says("secret", "t");
}

static void another_place_is_noticed(void **state)
{
    char path[256];
    (void)state;
    assert_says("key", "first");
    write_at("elsewhere", "[default]\nkey=elsewhere\n", 1000000000);
    home_path("elsewhere", path);
    fake_host_env("AWS_CONFIG_FILE", path);
    assert_says("key", "elsewhere");
    assert_says("secret", "s");
    fake_host_env("HOME", NULL);
    assert_says("key", "elsewhere");
    assert_says("secret", "");
}

/* Two changes within one step of the clock of files have the same time. */
static void a_file_that_has_just_changed_is_read_once_more(void **state)
{
    const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    char path[256];
    (void)state;
    home_path(".aws/config", path);
    struct shared_config *first = NULL;
    struct shared_config *second = NULL;
    for (struct timespec start = {0}, end = {0}; end.tv_sec - start.tv_sec > 0 || start.tv_sec == 0;) {
        shared_config_release(first);
        shared_config_release(second);
        clock_gettime(CLOCK_MONOTONIC, &start);
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
        first = get();
        clock_gettime(CLOCK_MONOTONIC, &end);
        second = get();
    }
    assert_ptr_not_equal(first, second);
    shared_config_release(first);
    shared_config_release(second);
}

static void what_comes_through_a_pipe_is_read_once(void **state)
{
    static const char text[] = "[default]\nkey=piped\n";
    char path[32];
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    fake_host_env("AWS_CONFIG_FILE", path);
    assert_says("key", "piped");
    assert_says("key", "piped");
    close(ends[0]);
}

/* Opens a pipe for writing as soon as somebody reads it. */
static void *write_pipe(void *path)
{
    FILE *pipe = fopen(path, "we");
    assert_non_null(pipe);
    fputs("[default]\nkey=late\n", pipe);
    fclose(pipe);
    return NULL;
}

static void a_pipe_is_waited_for_and_read_once(void **state)
{
    char path[256];
    pthread_t writer;
    (void)state;
    home_path("pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    fake_host_env("AWS_CONFIG_FILE", path);
    assert_int_equal(pthread_create(&writer, NULL, write_pipe, path), 0);
    assert_says("key", "late");
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_says("key", "late");
}

static void assert_ends(const char *variable, enum mstr_code code)
{
    struct mstr_error *error = host->error_new();
    struct shared_config *config = NULL;
    char path[256];
    home_path("pipe", path);
    mkfifo(path, 0600);
    fake_host_env(variable, path);
    assert_int_equal(kept_config_get(&kept, fake_host_call(), &config, error), code);
    assert_null(config);
    assert_contains(host->error_message(error), path);
    fake_host_env(variable, "");
    host->error_free(error);
}

static void a_pipe_that_nobody_writes_is_waited_for_within_the_calls_limits(void **state)
{
    (void)state;
    fake_host_deadline(0);
    assert_ends("AWS_CONFIG_FILE", MSTR_E_TIMEOUT);
    assert_ends("AWS_SHARED_CREDENTIALS_FILE", MSTR_E_TIMEOUT);
    fake_host_deadline(1000);
    fake_host_cancel();
    assert_ends("AWS_CONFIG_FILE", MSTR_E_CANCELLED);
}

static void *get_by_pipe(void *code)
{
    struct shared_config *config = NULL;
    *(enum mstr_code *)code = kept_config_get(&kept, fake_host_call(), &config, NULL);
    shared_config_release(config);
    return NULL;
}

/* One reads, and the others wait for that: whoever of them is first, all leave when they must. */
static void who_waits_for_the_reader_of_a_pipe_leaves_by_its_own_limits(void **state)
{
    enum { THREADS = 3 };
    pthread_t threads[THREADS];
    enum mstr_code codes[THREADS];
    char path[256];
    (void)state;
    home_path("pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    fake_host_env("AWS_CONFIG_FILE", path);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get_by_pipe, &codes[i]), 0);
    }
    fake_host_cancel();
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(codes[i], MSTR_E_CANCELLED);
    }
}

static void what_cannot_be_read_is_told_each_time_and_forgotten(void **state)
{
    struct mstr_error *error = host->error_new();
    (void)state;
    assert_says("key", "first");
    write_at(".aws/config", "broken\n", 1000000002);
    for (int i = 0; i < 2; i++) {
        struct shared_config *config = NULL;
        assert_int_equal(kept_config_get(&kept, fake_host_call(), &config, error), MSTR_E_CONFIG);
        assert_null(config);
        assert_contains(host->error_message(error), ".aws/config:1: Expected a profile definition");
    }
    write_at(".aws/config", "[default]\nkey=mended\n", 1000000002);
    assert_says("key", "mended");
    host->error_free(error);
}

static void files_have_16_mib_at_most(void **state)
{
    enum { MOST = 16 * 1024 * 1024 };
    static const char setting[] = "[default]\nkey=large\n#";
    char path[256];
    struct mstr_error *error = host->error_new();
    struct shared_config *config = NULL;
    (void)state;
    char *text = malloc(MOST + 2);
    memset(text, 'x', MOST + 1);
    memcpy(text, setting, strlen(setting));
    text[MOST + 1] = '\0';
    write_at(".aws/config", text, 1000000003);
    assert_int_equal(kept_config_get(&kept, fake_host_call(), &config, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "is longer than 16 MiB");
    home_path(".aws/config", path);
    assert_int_equal(truncate(path, MOST), 0);
    assert_says("key", "large");
    free(text);
    host->error_free(error);
}

static void *read_often(void *data)
{
    (void)data;
    for (int i = 0; i < 200; i++) {
        struct shared_config *config = NULL;
        if (kept_config_get(&kept, fake_host_call(), &config, NULL) != MSTR_OK) {
            return &kept;
        }
        const char *found = section_get(shared_config_find(config, SECTION_PROFILE, "default"), "key");
        bool good = found != NULL && (strcmp(found, "first") == 0 || strcmp(found, "second") == 0);
        shared_config_release(config);
        if (!good) {
            return &kept;
        }
    }
    return NULL;
}

static void threads_share_it_while_it_changes(void **state)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    char path[256], other[256];
    (void)state;
    home_path("fresh", other);
    home_path(".aws/config", path);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, NULL), 0);
    }
    for (int i = 0; i < 50; i++) {
        write_at("fresh", i % 2 == 0 ? "[default]\nkey=second\n" : "[default]\nkey=first\n", 1000000001 + i);
        assert_int_equal(rename(other, path), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(the_files_are_found_where_the_public_cases_say),
        TEST(files_that_did_not_change_are_read_once),
        TEST(files_that_are_absent_are_not_looked_for_again_either),
        TEST(a_change_of_any_kind_is_noticed),
        TEST(another_place_is_noticed),
        TEST(a_file_that_has_just_changed_is_read_once_more),
        TEST(what_comes_through_a_pipe_is_read_once),
        TEST(a_pipe_is_waited_for_and_read_once),
        TEST(a_pipe_that_nobody_writes_is_waited_for_within_the_calls_limits),
        TEST(who_waits_for_the_reader_of_a_pipe_leaves_by_its_own_limits),
        TEST(what_cannot_be_read_is_told_each_time_and_forgotten),
        TEST(files_have_16_mib_at_most),
        TEST(threads_share_it_while_it_changes),
    };
    return RUN_TESTS("aws/config/kept_config");
}
