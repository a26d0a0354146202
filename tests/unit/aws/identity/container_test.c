/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts may hand keys to a container, and to which address the connection goes. */
#include "support/aws_home.h"
#include "support/vectors.h"

#include "aws/identity/container.h"
#include "aws/wire/name_lookup.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define KEYS                                                                                                         \
    "{\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"sk\",\"Token\":\"t\",\"Expiration\":\"2026-01-15T13:00:00Z\"}"
#define NAMED "http://agent.example:8080/keys"

/* What a name stands for, blank-separated; "" = it is unknown. */
static const char *zone;
static atomic_int lookups;

static struct addrinfo *make_address(const char *text)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *made = NULL;
    assert_int_equal(getaddrinfo(text, NULL, &hints, &made), 0);
    return made;
}

static int look_up(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    char text[512];
    char *rest = NULL;
    (void)service;
    (void)hints;
    lookups++;
    *list = NULL;
    if (strcmp(name, "agent.example") != 0 || *zone == '\0') {
        return EAI_NONAME;
    }
    snprintf(text, sizeof(text), "%s", zone);
    for (char *one = strtok_r(text, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
        struct addrinfo *made = make_address(one);
        struct addrinfo **end = list;
        while (*end != NULL) {
            end = &(*end)->ai_next;
        }
        *end = made;
    }
    return 0;
}

/* glibc frees a chain one by one, so chains put together here are as good as its own. */
static void set_zone(const char *addresses)
{
    zone = addresses;
    lookups = 0;
    name_lookup_system = look_up;
}

static int drop(void **state)
{
    name_lookup_system = getaddrinfo;
    return aws_home_drop(state);
}

static void a_name_whose_addresses_are_all_safe_is_asked_there(void **state)
{
    static const struct {
        const char *zone, *address;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"127.8.9.10 ::1", "127.8.9.10"},
        {"::1", "::1"},
        {"169.254.170.2", "169.254.170.2"},
        {"fd00:ec2::23", "fd00:ec2::23"},
        {"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
    };
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NAMED);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        set_zone(cases[i].zone);
        fake_host_answer("GET", NAMED, 200, NULL, KEYS);
        assert_keys("ASIA");
        assert_int_equal(lookups, 1);
        assert_string_equal(fake_host_request(i)->connect_address, cases[i].address);
    }
}

static void one_unsafe_address_among_several_is_enough_to_refuse(void **state)
{
    static const struct {
        const char *zone, *message;
    } cases[] = {
        {"192.0.2.1", "agent.example at 192.0.2.1 is not safe"},
        {"127.0.0.1 192.0.2.1", "192.0.2.1"},
        {"192.0.2.1 127.0.0.1", "192.0.2.1"},
        {"::1 2001:db8::1", "2001:db8::1"},
        {"127.0.0.1 ::1 0.0.0.0", "0.0.0.0"},
        {"169.254.169.254", "169.254.169.254"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    };
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NAMED);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        set_zone(cases[i].zone);
        assert_no_keys_hint(MSTR_E_CONFIG, cases[i].message, "use https");
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void the_next_address_is_tried_where_nobody_answers(void **state)
{
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NAMED);
    set_zone("::1 127.0.0.1");
    fake_host_refuse("GET", NAMED);
    fake_host_answer("GET", NAMED, 200, NULL, KEYS);
    assert_keys("ASIA");
    assert_string_equal(fake_host_request(1)->connect_address, "127.0.0.1");
}

static void a_name_that_is_unknown_or_has_too_many_addresses_is_told(void **state)
{
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NAMED);
    set_zone("");
    assert_no_keys(MSTR_E_NETWORK, "agent.example cannot be resolved");
    set_zone("127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 127.0.0.7 127.0.0.8 127.0.0.9 127.0.0.10 "
             "127.0.0.11 127.0.0.12 127.0.0.13 127.0.0.14 127.0.0.15 127.0.0.16 127.0.0.17");
    assert_no_keys(MSTR_E_NETWORK, "agent.example cannot be resolved");
    assert_int_equal(fake_host_requests(), 0);
}

static void addresses_and_https_are_not_looked_up(void **state)
{
    static const struct {
        const char *url, *message; /* NULL = keys */
    } cases[] = {
        {"http://127.0.0.1:99/", NULL},
        {"http://[::1]/", NULL},
        {"http://localhost/", NULL},
        {"http://169.254.170.23/v1", NULL},
        {"http://[fd00:ec2::23]/v1", NULL},
        {"https://agent.example/", NULL},
        {"https://192.0.2.1/", NULL},
        {"http://192.0.2.1/", "plain http to 192.0.2.1 is not safe"},
        {"http://[2001:db8::1]/", "plain http to 2001:db8::1 is not safe"},
        {"http://169.254.169.254/", "not safe"},
        {"http://user@127.0.0.1/", "did not specify a host"},
        {"https://b\303\274cher.example/", "xn--"},
    };
    (void)state;
    set_zone("127.0.0.1");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", cases[i].url);
        if (cases[i].message != NULL) {
            assert_no_keys(MSTR_E_CONFIG, cases[i].message);
        } else {
            fake_host_answer("GET", "*", 200, NULL, KEYS);
            assert_keys("ASIA");
            assert_null(fake_host_request(fake_host_requests() - 1)->connect_address);
        }
    }
    assert_int_equal(lookups, 0);
}

/* A system that answers only when the test lets it. */
static atomic_bool held;

static int look_up_late(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    (void)name;
    (void)service;
    (void)hints;
    *list = NULL;
    while (held) {
        usleep(200);
    }
    lookups++;
    return EAI_AGAIN;
}

static void a_lookup_ends_with_the_callers_cancellation(void **state)
{
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NAMED);
    set_zone("");
    held = true;
    name_lookup_system = look_up_late;
    fake_host_cancel();
    assert_no_keys(MSTR_E_CANCELLED, "cancelled");
    held = false;
    while (lookups == 0) { /* the thread that was left behind */
        usleep(200);
    }
}

static void a_container_gives_keys_for_its_token(void **state)
{
    char path[256];
    (void)state;
    home_path("token", path);
    write_file("token", "Bearer x\n");
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials");
    fake_host_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    fake_host_answer("GET", "http://169.254.170.23/v1/credentials", 200, NULL, KEYS);
    assert_keys("ASIA");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Authorization"), "Bearer x");
    assert_true(fake_host_request(0)->request.flags & MSTR_HTTP_NO_PROXY);

    write_file("token", "a\r\nX-Evil: 1");
    assert_no_keys(MSTR_E_CONFIG, "line break, in /tmp/mstr-aws-");

    fake_host_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", NULL);
    fake_host_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer y \r\n");
    fake_host_answer("GET", "http://169.254.170.23/v1/credentials", 200, NULL, KEYS);
    assert_keys("ASIA");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), "Bearer y");
    fake_host_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nX-Evil: 1");
    assert_no_keys(MSTR_E_CONFIG, "line break, in AWS_CONTAINER_AUTHORIZATION_TOKEN");
}

static void an_agent_that_fails_in_passing_is_asked_again(void **state)
{
    static const char url[] = "http://169.254.170.23/v1/credentials";
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    fake_host_fail("GET", url, MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", url, 429, NULL, "");
    fake_host_answer("GET", url, 200, NULL, KEYS);
    assert_keys("ASIA");
    assert_int_equal(fake_host_slept(), 2000);
}

static void an_agent_behind_https_is_trusted_as_aws_is(void **state)
{
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://agent.example/");
    fake_host_env("AWS_CA_BUNDLE", "/bundle.pem");
    fake_host_answer("GET", "https://agent.example/", 200, NULL, KEYS);
    assert_keys("ASIA");
    assert_string_equal(fake_host_request(0)->ca_file, "/bundle.pem");
}

static void every_public_container_address_is_judged_as_expected(void **state)
{
    (void)state;
    struct json_object *whole = vector_json("aws/chain/ecs-tests.json");
    struct json_object *cases = json_member(whole, "tests");
    for (size_t i = 0; whole != NULL && i < json_object_array_length(cases); i++) {
        struct json_object *test = json_object_array_get_idx(cases, i);
        const char *expected = json_member_text(json_member(test, "result"), "Ok");
        struct buffer url = BUFFER_INIT;
        fake_host_reset();
        json_object_object_foreach(json_member(test, "env"), name, value)
        {
            fake_host_env(name, json_object_get_string(value));
        }
        enum mstr_code code = container_url(&url, NULL);
        assert_int_equal(code == MSTR_OK, expected != NULL);
        if (expected != NULL) {
            assert_string_equal(buffer_text(&url), expected);
        }
        buffer_release(&url);
    }
    json_release(whole);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, drop)
    const struct CMUnitTest tests[] = {
        TEST(a_name_whose_addresses_are_all_safe_is_asked_there),
        TEST(one_unsafe_address_among_several_is_enough_to_refuse),
        TEST(the_next_address_is_tried_where_nobody_answers),
        TEST(a_name_that_is_unknown_or_has_too_many_addresses_is_told),
        TEST(addresses_and_https_are_not_looked_up),
        TEST(a_lookup_ends_with_the_callers_cancellation),
        TEST(a_container_gives_keys_for_its_token),
        TEST(an_agent_that_fails_in_passing_is_asked_again),
        TEST(an_agent_behind_https_is_trusted_as_aws_is),
        TEST(every_public_container_address_is_judged_as_expected),
    };
    return RUN_TESTS("aws/identity/container");
}
