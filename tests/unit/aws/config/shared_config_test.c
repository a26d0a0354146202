/* SPDX-License-Identifier: Apache-2.0 */
/* The shared config and credentials files: the public cases of the grammar, and how they are found in. */
#define _GNU_SOURCE /* twalk_r() */
#include "aws/config/shared_config.h"

#include "support/fake_host.h"
#include "support/unit.h"
#include "support/vectors.h"

#include "sdk/host.h"

#include <search.h>
#include <strings.h>
#include <time.h>

/* What is gathered of a section on a walk through it. */
struct gathering {
    const char *parent;
    struct buffer children; /* as the cases write sub-properties: "\na=1\nb=" */
    size_t plain;           /* how many properties are none */
};

static void gather(const void *node, VISIT visit, void *data)
{
    const struct property *at = *(struct property *const *)node;
    struct gathering *gathering = data;
    if (visit == postorder || visit == leaf) {
        gathering->plain += at->parent == NULL;
        if (at->parent != NULL && strcasecmp(at->parent, gathering->parent) == 0) {
            buffer_printf(&gathering->children, "\n%s=%s", at->key, at->value);
        }
    }
}

/* The section without blanks around '=', which the cases keep. */
static char *without_blanks(const char *text)
{
    char *copy = strdup(text);
    size_t length = 0;
    for (; *text != '\0'; text++) {
        if (*text != ' ') {
            copy[length++] = *text;
        }
    }
    copy[length] = '\0';
    return copy;
}

static void check_section(const struct section *section, struct json_object *expected)
{
    struct gathering all = {.parent = ""};
    json_object_object_foreach(expected, key, value)
    {
        const char *text = json_object_get_string(value);
        const char *found = section_get(section, key);
        struct gathering of_key = {.parent = key};
        twalk_r(section->properties, gather, &of_key);
        if (of_key.children.length > 0) {
            char *want = without_blanks(text);
            char *have = without_blanks(buffer_text(&of_key.children));
            assert_string_equal(have, want);
            free(want);
            free(have);
        } else {
            assert_string_equal(found != NULL ? found : "", text);
        }
        buffer_release(&of_key.children);
    }
    twalk_r(section->properties, gather, &all);
    assert_int_equal(all.plain, json_object_object_length(expected));
}

struct counting {
    const struct shared_config *config;
    enum section_kind kind;
    int count;
};

/* Sections that were replaced do not count. */
static void count(const void *node, VISIT visit, void *data)
{
    const struct section *at = *(struct section *const *)node;
    struct counting *counting = data;
    if (visit == postorder || visit == leaf) {
        counting->count +=
            at->kind == counting->kind && shared_config_find(counting->config, at->kind, at->name) == at;
    }
}

static void check_sections(const struct shared_config *config, enum section_kind kind, struct json_object *expected)
{
    struct counting counting = {config, kind, 0};
    json_object_object_foreach(expected, name, properties)
    {
        const struct section *section = shared_config_find(config, kind, name);
        assert_non_null(section);
        check_section(section, properties);
    }
    twalk_r(config->sections, count, &counting);
    assert_int_equal(counting.count, json_object_object_length(expected));
}

static enum mstr_code add(struct shared_config *config, bool credentials, const char *text, struct mstr_error *error)
{
    return text != NULL ? shared_config_add(config, credentials, "file", text, strlen(text), error) : MSTR_OK;
}

static void check_case(struct json_object *test)
{
    struct json_object *input = json_member(test, "input");
    struct json_object *output = json_member(test, "output");
    const char *refusal = json_member_text(output, "errorContaining");
    struct shared_config *config = shared_config_new();
    struct mstr_error *error = host->error_new();
    enum mstr_code code = add(config, false, json_member_text(input, "configFile"), error);
    if (code == MSTR_OK) {
        code = add(config, true, json_member_text(input, "credentialsFile"), error);
    }
    print_message("%s\n", json_member_text(test, "name"));
    if (refusal != NULL) {
        assert_int_equal(code, MSTR_E_CONFIG);
        assert_contains(host->error_message(error), refusal);
    } else {
        assert_int_equal(code, MSTR_OK);
        struct json_object *expected = json_member(output, "config");
        expected = expected != NULL ? expected : output;
        check_sections(config, SECTION_PROFILE, json_member(expected, "profiles"));
        struct json_object *sessions = json_member(expected, "sso_sessions");
        if (sessions != NULL) {
            check_sections(config, SECTION_SSO_SESSION, sessions);
        }
    }
    shared_config_release(config);
    host->error_free(error);
}

static void every_public_case_of_the_grammar_is_read_as_expected(void **state)
{
    (void)state;
    struct json_object *whole = vector_json("aws/profile/profile-parser-tests.json");
    struct json_object *cases = json_member(whole, "tests");
    for (size_t i = 0; whole != NULL && i < json_object_array_length(cases); i++) {
        check_case(json_object_array_get_idx(cases, i));
    }
    json_release(whole);
}

/* What a program finds in files of these texts, NULL for nothing. */
static void assert_found(const char *config_file, const char *credentials_file, const char *profile,
                         const char *expected)
{
    struct shared_config *config = shared_config_new();
    assert_int_equal(add(config, false, config_file, NULL), MSTR_OK);
    assert_int_equal(add(config, true, credentials_file, NULL), MSTR_OK);
    const char *found = section_get(shared_config_find(config, SECTION_PROFILE, profile), "key");
    assert_string_equal(found != NULL ? found : "(nothing)", expected);
    shared_config_release(config);
}

static void the_typed_default_replaces_the_plain_one_and_the_credentials_file_adds_to_either(void **state)
{
    (void)state;
    assert_found("[default]\nkey=plain\n", NULL, "default", "plain");
    assert_found("[default]\nkey=plain\n[profile default]\n", NULL, "default", "(nothing)");
    assert_found("[profile default]\nkey=typed\n[default]\nkey=plain\n", NULL, "default", "typed");
    assert_found("[default]\nkey=plain\n", "[default]\nother=x\n", "default", "plain");
    assert_found("[default]\nkey=plain\n", "[default]\nkey=secret\n", "default", "secret");
    assert_found("[default]\n[profile default]\n", "[default]\nKEY=secret\n", "default", "secret");
    assert_found(NULL, "[default]\nkey=secret\n", "default", "secret");
}

static void names_of_several_words_are_in_quotes_or_those_of_a_credentials_file(void **state)
{
    (void)state;
    assert_found("[profile \"my team\"]\nkey=quoted\n", NULL, "my team", "quoted");
    assert_found("[profile 'my team']\nkey=config\n", "[my team]\nkey=credentials\n", "my team", "credentials");
    assert_found("[profile 'mine']\nkey=quoted\n", NULL, "mine", "quoted");
    assert_found("[profile my team]\nkey=bare\n", NULL, "my team", "(nothing)");
    assert_found("[profile my\"team\"]\nkey=odd\n", NULL, "my\"team\"", "(nothing)");
    assert_found(NULL, "[profile team]\nkey=typed\n", "profile team", "(nothing)");
}

static void sessions_may_have_such_names_too(void **state)
{
    struct shared_config *config = shared_config_new();
    (void)state;
    assert_int_equal(add(config, false, "[sso-session \"my login\"]\nkey=value\n", NULL), MSTR_OK);
    assert_string_equal(section_get(shared_config_find(config, SECTION_SSO_SESSION, "my login"), "key"), "value");
    shared_config_release(config);
}

/* Processor time of reading so many sections, and a section of so many keys. */
static int64_t time_of(int many)
{
    struct buffer text = BUFFER_INIT;
    struct timespec start, end;
    for (int i = 0; i < many; i++) {
        buffer_printf(&text, "[profile p%d]\nkey=%d\n", i, i);
    }
    buffer_puts(&text, "[profile large]\n");
    for (int i = 0; i < many; i++) {
        buffer_printf(&text, "key%d=%d\n", i, i);
    }
    buffer_puts(&text, "key=last\n");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    assert_found(buffer_text(&text), NULL, "large", "last");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    buffer_release(&text);
    return (end.tv_sec - start.tv_sec) * INT64_C(1000000) + (end.tv_nsec - start.tv_nsec) / 1000;
}

/* Eight times as many would take 64 times as long if each were looked for among all others. */
static void many_sections_and_many_keys_are_read_in_time(void **state)
{
    (void)state;
    int64_t few = time_of(2500);
    assert_in_range(time_of(20000), 0, 30 * few);
}

static int secrets; /* in secret memory just now */

static void *count_alloc(size_t length)
{
    secrets++;
    return calloc(1, length);
}

static void count_free(void *memory)
{
    secrets -= memory != NULL;
    free(memory);
}

static void keys_lie_in_secret_memory_as_long_as_they_are_kept(void **state)
{
    struct mstr_host counting = *fake_host_table();
    struct shared_config *config = shared_config_new();
    (void)state;
    counting.secret_alloc = count_alloc;
    counting.secret_free = count_free;
    host = &counting;
    assert_int_equal(
        add(config, true,
            "[p]\naws_access_key_id=a\nAWS_Secret_Access_Key=s\naws_session_token=t\naws_security_token=t\n", NULL),
        MSTR_OK);
    assert_int_equal(secrets, 3);
    assert_int_equal(add(config, true, "[p]\naws_secret_access_key=other\n", NULL), MSTR_OK);
    assert_string_equal(section_get(shared_config_find(config, SECTION_PROFILE, "p"), "aws_secret_access_key"),
                        "other");
    assert_int_equal(secrets, 3);
    shared_config_release(config);
    assert_int_equal(secrets, 0);
    host = fake_host_table();
}

static void what_was_read_is_shared_until_its_last_owner_leaves(void **state)
{
    struct shared_config *config = shared_config_new();
    (void)state;
    assert_int_equal(add(config, true, "[p]\nkey = value\n", NULL), MSTR_OK);
    struct shared_config *another = shared_config_retain(config);
    shared_config_release(config);
    assert_string_equal(section_get(shared_config_find(another, SECTION_PROFILE, "p"), "key"), "value");
    shared_config_release(another);
    shared_config_release(NULL);
}

static void a_variable_that_is_set_comes_before_the_section(void **state)
{
    static const struct {
        const char *variable, *setting;
        bool on;
    } cases[] = {{NULL, "True", true}, {"", "True", true}, {"false", "false", false}, {"yes", "yes", false}};
    struct shared_config *config = shared_config_new();
    (void)state;
    assert_int_equal(add(config, true, "[p]\nkey = True\n", NULL), MSTR_OK);
    const struct section *section = shared_config_find(config, SECTION_PROFILE, "p");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AWS_KEY", cases[i].variable);
        assert_string_equal(section_setting(section, "AWS_KEY", "key"), cases[i].setting);
        assert_int_equal(section_switch(section, "AWS_KEY", "key"), cases[i].on);
    }
    assert_null(section_setting(NULL, "AWS_OTHER", "key"));
    assert_false(section_switch(section, "AWS_OTHER", "other"));
    shared_config_release(config);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_public_case_of_the_grammar_is_read_as_expected),
        TEST(the_typed_default_replaces_the_plain_one_and_the_credentials_file_adds_to_either),
        TEST(names_of_several_words_are_in_quotes_or_those_of_a_credentials_file),
        TEST(sessions_may_have_such_names_too),
        TEST(many_sections_and_many_keys_are_read_in_time),
        TEST(keys_lie_in_secret_memory_as_long_as_they_are_kept),
        TEST(what_was_read_is_shared_until_its_last_owner_leaves),
        TEST(a_variable_that_is_set_comes_before_the_section),
    };
    return RUN_TESTS("aws/config/shared_config");
}
