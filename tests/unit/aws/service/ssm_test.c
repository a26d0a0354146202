/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter Store: batches, selectors, and the answer that belongs to each name. */
#include "unit/aws/support.h"

#include "base/buffer.h"

#define URL "https://ssm.eu-west-1.amazonaws.com/"

static int make_instance(void **state)
{
    return service_setup("ssm", state);
}

static void each_name_gets_its_own_value_whatever_the_order(void **state)
{
    static const struct {
        const char *reference, *value;
    } cases[] = {
        {"aws-ssm:/prod/b", "B"},
        {"aws-ssm:/prod/a:3", "A3"},
        {"aws-ssm:/prod/a", "A"},
        {"aws-ssm:arn:aws:ssm:eu-west-1:1:parameter/prod/c:label", "C"},
        {"aws-ssm:/aws/reference/secretsmanager/db", "S"},
    };
    struct mstr_request *requests[COUNT_OF(cases) + 1];
    (void)state;
    fake_host_answer("POST", URL, 200, NULL,
                     "{\"Parameters\":[{\"Name\":\"/prod/a\",\"Value\":\"A\",\"Version\":4},"
                     "{\"Name\":\"/prod/a\",\"Selector\":\":3\",\"Value\":\"A3\",\"Version\":3},"
                     "{\"Name\":\"/prod/b\",\"Value\":\"B\"},{\"Name\":\"db\",\"Value\":\"S\",\"Version\":0},"
                     "{\"Name\":\"/prod/c\",\"ARN\":\"arn:aws:ssm:eu-west-1:1:parameter/prod/c\","
                     "\"Selector\":\":label\",\"Value\":\"C\"}],\"InvalidParameters\":[\"/none\"]}");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        requests[i] = fake_request_new(cases[i].reference);
    }
    requests[COUNT_OF(cases)] = fake_request_new("aws-ssm:/none");

    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());

    assert_int_equal(fake_host_requests(), 1);
    assert_contains(fake_host_request(0)->body, "\"WithDecryption\":true");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-Amz-Target"), "AmazonSSM.GetParameters");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(fake_request_value(requests[i], NULL), cases[i].value);
        assert_string_equal(fake_request_identity(requests[i]),
                            "7a898e50dbd5b8305149c34046d159f7"); /* of AKIDEXAMPLE */
    }
    assert_string_equal(fake_request_version(requests[1]), "3");
    assert_null(fake_request_version(requests[4]));
    assert_int_equal(fake_request_code(requests[COUNT_OF(cases)]), MSTR_E_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        fake_request_free(requests[i]);
    }
}

static void an_answer_of_another_parameter_is_refused(void **state)
{
#define PARAMETER "arn:aws:ssm:eu-west-1:1:parameter"
    static const struct {
        const char *reference, *answer, *another; /* NULL = it is the one */
    } cases[] = {
        {"aws-ssm:/a", "\"Name\":\"/a\"", NULL},
        {"aws-ssm:/a", "\"Name\":\"/b\"", "/b"},
        {"aws-ssm:/a:3", "\"Name\":\"/a\"", NULL},
        {"aws-ssm:/a:3", "\"Name\":\"/a\",\"Selector\":\":3\"", NULL},
        {"aws-ssm:/a:3", "\"Name\":\"/a\",\"Selector\":\":4\"", "/a"},
        {"aws-ssm:/a", "\"ARN\":\"" PARAMETER "/a\"", NULL},
        {"aws-ssm:" PARAMETER "/a:3", "\"Name\":\"/a\",\"ARN\":\"" PARAMETER "/a\"", NULL},
        {"aws-ssm:" PARAMETER "/a", "\"Name\":\"/a\"", NULL},
        {"aws-ssm:" PARAMETER "/a", "\"Name\":\"/b\",\"ARN\":\"" PARAMETER "/b\"", PARAMETER "/b"},
        {"aws-ssm:/aws/reference/secretsmanager/db", "\"Name\":\"db\"", NULL},
        {"aws-ssm:/aws/reference/secretsmanager/db", "\"Name\":\"/aws/reference/secretsmanager/other\"", "other"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer body = BUFFER_INIT;
        buffer_printf(&body, "{\"Parameter\":{\"Value\":\"x\",%s}}", cases[i].answer);
        fake_host_answer("POST", URL, 200, NULL, buffer_text(&body));
        struct mstr_request *request = resolve(cases[i].reference);
        assert_int_equal(fake_request_code(request), cases[i].another == NULL ? MSTR_OK : MSTR_E_PROTOCOL);
        if (cases[i].another != NULL) {
            assert_contains(fake_request_message(request), "GetParameter answered with another secret, ");
            assert_contains(fake_request_message(request), cases[i].another);
        }
        fake_request_free(request);
        buffer_release(&body);
    }
}

static void eleven_names_of_one_region_take_two_calls(void **state)
{
    struct mstr_request *requests[12];
    (void)state;
    static const char none[] = "{\"Parameters\":[],\"InvalidParameters\":[\"/p0\",\"/p1\",\"/p2\",\"/p3\",\"/p4\","
                               "\"/p6\",\"/p7\",\"/p8\",\"/p9\",\"/p10\"]}";
    static const char not_found[] = "{\"__type\":\"ParameterNotFound\"}";
    fake_host_answer("POST", URL, 200, NULL, none);
    fake_host_answer("POST", URL, 400, NULL, not_found);
    fake_host_answer("POST", "https://ssm.us-east-1.amazonaws.com/", 400, NULL, not_found);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        char reference[32];
        snprintf(reference, sizeof(reference), "aws-ssm:/p%zu%s", i, i == 5 ? "?region=us-east-1" : "");
        requests[i] = fake_request_new(reference);
    }
    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());
    assert_int_equal(fake_host_requests(), 3);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_NOT_FOUND);
        fake_request_free(requests[i]);
    }
}

static void an_answer_that_does_not_repeat_the_selector_is_followed_by_single_calls(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("aws-ssm:/a"), fake_request_new("aws-ssm:/a:2"),
                                       fake_request_new("aws-ssm:/none")};
    (void)state;
    fake_host_answer("POST", URL, 200, NULL,
                     "{\"Parameters\":[{\"Name\":\"/a\",\"Value\":\"old\",\"Version\":2},"
                     "{\"Name\":\"/a\",\"Value\":\"new\",\"Version\":3}],\"InvalidParameters\":[\"/none\"]}");
    fake_host_answer("POST", URL, 200, NULL, "{\"Parameter\":{\"Name\":\"/a\",\"Value\":\"new\",\"Version\":3}}");
    fake_host_answer("POST", URL, 200, NULL, "{\"Parameter\":{\"Name\":\"/a\",\"Value\":\"old\",\"Version\":2}}");
    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());
    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_host_request(1)->body, "{\"Name\":\"/a\",\"WithDecryption\":true}");
    assert_string_equal(fake_host_request(2)->body, "{\"Name\":\"/a:2\",\"WithDecryption\":true}");
    assert_string_equal(fake_request_value(requests[0], NULL), "new");
    assert_string_equal(fake_request_value(requests[1], NULL), "old");
    assert_int_equal(fake_request_code(requests[2]), MSTR_E_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        fake_request_free(requests[i]);
    }
}

static void what_cannot_be_asked_is_refused_alone(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("aws-ssm:/a?stage=x"),
                                       fake_request_new("aws-ssm:arn:aws:s3:eu-west-1:1:x"),
                                       fake_request_new("aws-ssm:/a?region=a.b")};
    (void)state;
    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());
    assert_int_equal(fake_host_requests(), 0);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_CONFIG);
        fake_request_free(requests[i]);
    }
}

static void names_that_are_refused_together_are_asked_for_singly(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("aws-ssm:/a"), fake_request_new("aws-ssm:/b")};
    (void)state;
    fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"not you\"}");
    fake_host_answer("POST", URL, 200, NULL, "{\"Parameter\":{\"Name\":\"/a\",\"Value\":\"A\",\"Version\":7}}");
    fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"not you\"}");
    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());
    assert_string_equal(fake_request_value(requests[0], NULL), "A");
    assert_string_equal(fake_request_version(requests[0]), "7");
    assert_int_equal(fake_request_code(requests[1]), MSTR_E_DENIED);
    assert_contains(fake_request_message(requests[1]), "not you");
    assert_string_equal(fake_request_detail(requests[1], MSTR_DETAIL_HINT),
                        "allow this identity ssm:GetParameter on the resource, and kms:Decrypt on its key");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "X-Amz-Target"), "AmazonSSM.GetParameter");
    assert_string_equal(fake_host_request(1)->body, "{\"Name\":\"/a\",\"WithDecryption\":true}");
    fake_request_free(requests[0]);
    fake_request_free(requests[1]);
}

static void a_failure_of_the_service_reaches_every_request_of_the_call(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("aws-ssm:/a"), fake_request_new("aws-ssm:/b")};
    (void)state;
    fake_host_answer_always("POST", URL, 500, NULL, "{\"__type\":\"InternalServerError\",\"Message\":\"oh\"}");
    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_UNAVAILABLE);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 3); /* the attempts of one call */
}

static void what_is_no_answer_is_no_missing_parameter_either(void **state)
{
    static const struct {
        const char *body;
        enum mstr_code code;
    } cases[] = {{"<html>", MSTR_E_PROTOCOL},
                 {"{}", MSTR_E_PROTOCOL},
                 {"{\"Parameter\":{\"Name\":\"/a\"}}", MSTR_E_PROTOCOL},
                 {"{\"__type\":\"InternalServerError\"}", MSTR_E_UNAVAILABLE}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_request *request = fake_request_new("aws-ssm:/a");
        fake_host_answer("POST", URL, 200, NULL, cases[i].body);
        plugin->resolve(instance, &request, 1, fake_host_call());
        assert_int_equal(fake_request_code(request), cases[i].code);
        fake_request_free(request);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_instance, plugin_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_name_gets_its_own_value_whatever_the_order),
        TEST(an_answer_of_another_parameter_is_refused),
        TEST(eleven_names_of_one_region_take_two_calls),
        TEST(an_answer_that_does_not_repeat_the_selector_is_followed_by_single_calls),
        TEST(what_cannot_be_asked_is_refused_alone),
        TEST(names_that_are_refused_together_are_asked_for_singly),
        TEST(a_failure_of_the_service_reaches_every_request_of_the_call),
        TEST(what_is_no_answer_is_no_missing_parameter_either),
    };
    return RUN_TESTS("aws/service/ssm");
}
