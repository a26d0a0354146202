/* The shared config and credentials files: the public cases of the grammar and of where the files are. */
#include "aws/config/shared_config.h"

#include "support/fake_host.h"
#include "support/unit.h"
#include "support/vectors.h"

#include "sdk/host.h"

#include <strings.h>

/* A parent's sub-properties as the cases write them: "\na=1\nb=". */
static void put_children(const struct section *section, const char *parent, struct buffer *out)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct property *at = &section->properties[i];
        if (at->parent != NULL && strcasecmp(at->parent, parent) == 0) {
            buffer_printf(out, "\n%s=%s", at->key, at->value);
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
    size_t count = 0;
    json_object_object_foreach(expected, key, value)
    {
        const char *text = json_object_get_string(value);
        const char *found = section_get(section, key);
        struct buffer children = BUFFER_INIT;
        put_children(section, key, &children);
        if (children.length > 0) {
            char *want = without_blanks(text);
            char *have = without_blanks(buffer_text(&children));
            assert_string_equal(have, want);
            free(want);
            free(have);
        } else {
            assert_string_equal(found != NULL ? found : "", text);
        }
        buffer_release(&children);
        count++;
    }
    for (size_t i = 0; i < section->count; i++) {
        count -= section->properties[i].parent == NULL;
    }
    assert_int_equal(count, 0);
}

static void check_sections(const struct shared_config *config, enum section_kind kind, struct json_object *expected)
{
    size_t count = 0;
    json_object_object_foreach(expected, name, properties)
    {
        const struct section *section = shared_config_find(config, kind, name);
        assert_non_null(section);
        check_section(section, properties);
        count++;
    }
    for (size_t i = 0; i < config->count; i++) {
        count -= config->sections[i].kind == kind;
    }
    assert_int_equal(count, 0);
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
    struct shared_config config = {NULL, 0};
    struct mstr_error *error = host->error_new();
    enum mstr_code code = add(&config, false, json_member_text(input, "configFile"), error);
    if (code == MSTR_OK) {
        shared_config_settle_default(&config);
        code = add(&config, true, json_member_text(input, "credentialsFile"), error);
    }
    print_message("%s\n", json_member_text(test, "name"));
    if (refusal != NULL) {
        assert_int_equal(code, MSTR_E_CONFIG);
        assert_contains(host->error_message(error), refusal);
    } else {
        assert_int_equal(code, MSTR_OK);
        struct json_object *expected = json_member(output, "config");
        expected = expected != NULL ? expected : output;
        check_sections(&config, SECTION_PROFILE, json_member(expected, "profiles"));
        struct json_object *sessions = json_member(expected, "sso_sessions");
        if (sessions != NULL) {
            check_sections(&config, SECTION_SSO_SESSION, sessions);
        }
    }
    shared_config_release(&config);
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
        assert_true(shared_config_path(&config));
        assert_true(shared_config_credentials_path(&credentials));
        assert_string_equal(buffer_text(&config), json_member_text(test, "configLocation"));
        assert_string_equal(buffer_text(&credentials), json_member_text(test, "credentialsLocation"));
        buffer_release(&config);
        buffer_release(&credentials);
    }
    json_release(whole);
}

static void a_variable_that_is_set_comes_before_the_section(void **state)
{
    static const struct {
        const char *variable, *setting;
        bool on;
    } cases[] = {{NULL, "True", true}, {"", "True", true}, {"false", "false", false}, {"yes", "yes", false}};
    struct shared_config config = {NULL, 0};
    (void)state;
    assert_int_equal(add(&config, true, "[p]\nkey = True\n", NULL), MSTR_OK);
    const struct section *section = shared_config_find(&config, SECTION_PROFILE, "p");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AWS_KEY", cases[i].variable);
        assert_string_equal(section_setting(section, "AWS_KEY", "key"), cases[i].setting);
        assert_int_equal(section_switch(section, "AWS_KEY", "key"), cases[i].on);
    }
    assert_null(section_setting(NULL, "AWS_OTHER", "key"));
    assert_false(section_switch(section, "AWS_OTHER", "other"));
    shared_config_release(&config);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_public_case_of_the_grammar_is_read_as_expected),
        TEST(the_files_are_found_where_the_public_cases_say),
        TEST(a_variable_that_is_set_comes_before_the_section),
    };
    return RUN_TESTS("aws/config/shared_config");
}
