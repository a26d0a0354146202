/* SPDX-License-Identifier: Apache-2.0 */
/* Roles over source profiles, by the public cases, and profiles that make no sense. */
#include "support/aws_home.h"
#include "support/vectors.h"

/* What is asked of STS for each node of a public case's chain, the base first. */
static void check_role_chain(struct json_object *test)
{
    struct json_object *input = json_member(test, "input");
    struct json_object *nodes = json_member(json_member(test, "output"), "ProfileChain");
    const char *refusal = json_member_text(json_member(test, "output"), "Error");
    struct buffer config = BUFFER_INIT;
    json_object_object_foreach(json_member(input, "profiles"), name, properties)
    {
        buffer_printf(&config, "[profile %s]\n", name);
        json_object_object_foreach(properties, key, value)
        {
            bool token = strcmp(key, "web_identity_token_file") == 0;
            buffer_printf(&config, "%s=%s\n", key, token ? "/token" : json_object_get_string(value));
        }
    }
    fake_host_env("AWS_PROFILE", json_member_text(input, "selected_profile"));
    write_file(".aws/config", buffer_text(&config));
    buffer_release(&config);
    size_t first = fake_host_requests();
    if (refusal != NULL) {
        assert_no_keys(MSTR_E_CONFIG, refusal);
        return;
    }
    assert_keys("ASIAROLE");
    for (size_t i = 0; i < json_object_array_length(nodes); i++) {
        struct json_object *node = json_object_array_get_idx(nodes, i);
        const char *key = json_member_text(json_member(node, "AccessKey"), "access_key_id");
        struct json_object *role = json_member(node, "AssumeRole");
        role = role != NULL ? role : json_member(node, "WebIdentityToken");
        if (key != NULL) {
            assert_contains(fake_exchange_header(fake_host_request(first), "Authorization"), key);
            continue;
        }
        const struct fake_exchange *sent = fake_host_request(first++);
        assert_contains(sent->body, strrchr(json_member_text(role, "role_arn"), '/') + 1);
        if (json_member_text(role, "external_id") != NULL) {
            assert_contains(sent->body, json_member_text(role, "external_id"));
        }
    }
    assert_int_equal(fake_host_requests(), first);
}

static void every_public_role_chain_is_followed(void **state)
{
    (void)state;
    struct json_object *cases = vector_json("aws/profile/assume-role-tests.json");
    write_file("token", "a.jwt");
    char config[256];
    char credentials[256];
    home_path(".aws/config", config);
    home_path(".aws/credentials", credentials);
    fake_host_env("AWS_CONFIG_FILE", "/.aws/config");
    fake_host_env("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
    files_root = home;
    fake_host_answer_always("POST", STS_URL, 200, NULL, ASSUMED);
    for (size_t i = 0; cases != NULL && i < json_object_array_length(cases); i++) {
        check_role_chain(json_object_array_get_idx(cases, i));
    }
    files_root = "";
    json_release(cases);
}

static void a_profile_that_contradicts_itself_is_refused_before_anything_is_asked(void **state)
{
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"[default]\nrole_arn=arn:x\n", "profile must contain `source_profile`"},
        {"[default]\nrole_arn=arn:x\nsource_profile=a\ncredential_source=Environment\n", "not both"},
        {"[default]\nrole_arn=arn:x\nsource_profile=b\n", "could not find source profile b"},
        {"[default]\nrole_arn=arn:x\nsource_profile=b\n[profile b]\nrole_arn=arn:y\nsource_profile=default\n",
         "loop"},
        {"[default]\nrole_arn=arn:x\ncredential_source=Moon\n", "\"Moon\" is none of"},
        {"[default]\nweb_identity_token_file=/t\n", "no role_arn"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_file(".aws/config", cases[i].config);
        assert_no_keys(MSTR_E_CONFIG, cases[i].message);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void keys_are_trimmed_and_those_that_can_be_none_are_told_with_their_profile(void **state)
{
    (void)state;
    fake_host_env("AWS_PROFILE", "p");
    write_file(".aws/config", "[profile p]\r\naws_access_key_id = AKFILE \r\r\naws_secret_access_key = s \r\n");
    assert_keys("AKFILE");
    write_file(".aws/config", "[profile p]\naws_access_key_id = \"AKFILE\"\naws_secret_access_key = s\n");
    assert_no_keys_hint(MSTR_E_CONFIG, "profile \"p\": aws_access_key_id holds a character that no key has",
                        "without quotes");
}

static void the_older_name_of_the_token_comes_first(void **state)
{
    struct aws_keys *keys = NULL;
    (void)state;
    write_default_profile("aws_access_key_id=a\naws_secret_access_key=s\naws_session_token=new\n"
                          "aws_security_token=old\n");
    assert_int_equal(find_keys(&keys, NULL), MSTR_OK);
    assert_string_equal(keys->session_token, "old");
    aws_keys_release(keys);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(every_public_role_chain_is_followed),
        TEST(keys_are_trimmed_and_those_that_can_be_none_are_told_with_their_profile),
        TEST(the_older_name_of_the_token_comes_first),
        TEST(a_profile_that_contradicts_itself_is_refused_before_anything_is_asked),
    };
    return RUN_TESTS("aws/identity/profile");
}
