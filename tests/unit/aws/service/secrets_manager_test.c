/* SPDX-License-Identifier: Apache-2.0 */
/* GetSecretValue: what is sent, and what becomes of each answer. */
#include "support/json_parse.h"
#include "unit/aws/support.h"

#define URL "https://secretsmanager.eu-west-1.amazonaws.com/"

static int make_instance(void **state)
{
    return service_setup("secretsmanager", state);
}

static void assert_body(const struct fake_exchange *exchange, const char *name, const char *value)
{
    struct json_object *body = json_parse(exchange->body, exchange->body_length);
    assert_non_null(body);
    const char *sent = json_member_text(body, name);
    assert_string_equal(sent != NULL ? sent : "(none)", value);
    json_release(body);
}

static void a_secret_is_asked_for_by_name_in_a_signed_request(void **state)
{
    (void)state;
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"{\\\"a\\\":1}\",\"VersionId\":\"v1\"}");

    struct mstr_request *request = resolve("aws-sm:prod/mstr");

    assert_string_equal(fake_request_value(request, NULL), "{\"a\":1}");
    assert_string_equal(fake_request_version(request), "v1");
    assert_string_equal(fake_request_identity(request), "7a898e50dbd5b8305149c34046d159f7"); /* of AKIDEXAMPLE */
    const struct fake_exchange *sent = fake_host_request(0);
    assert_body(sent, "SecretId", "prod/mstr");
    assert_string_equal(fake_exchange_header(sent, "X-Amz-Target"), "secretsmanager.GetSecretValue");
    assert_string_equal(fake_exchange_header(sent, "X-Amz-Date"), "20260115T120000Z");
    assert_contains(fake_exchange_header(sent, "Authorization"),
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/eu-west-1/secretsmanager/aws4_request, "
                    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=");
    assert_null(fake_exchange_header(sent, "X-Amz-Security-Token"));
    fake_request_free(request);
}

static void an_answer_of_another_secret_is_refused(void **state)
{
#define SECRET "arn:aws:secretsmanager:eu-west-1:1:secret:"
    static const struct {
        const char *reference, *answer, *another; /* NULL = it is the one */
    } cases[] = {
        {"aws-sm:a", "\"Name\":\"a\",\"ARN\":\"" SECRET "a-AbCdEf\"", NULL},
        {"aws-sm:a", "\"Name\":\"b\",\"ARN\":\"" SECRET "b-AbCdEf\"", "secret, \"b\""},
        {"aws-sm:a", "\"Name\":\"A\"", "secret, \"A\""},
        {"aws-sm:a", "\"ARN\":\"" SECRET "a-AbCdEf\"", NULL},
        {"aws-sm:" SECRET "a-AbCdEf", "\"Name\":\"a\",\"ARN\":\"" SECRET "a-AbCdEf\"", NULL},
        {"aws-sm:" SECRET "a", "\"Name\":\"a\",\"ARN\":\"" SECRET "a-AbCdEf\"", NULL},
        {"aws-sm:" SECRET "a", "\"Name\":\"a\"", NULL},
        {"aws-sm:" SECRET "a", "\"Name\":\"ab\",\"ARN\":\"" SECRET "ab-AbCdEf\"", "secret, \"" SECRET "ab-AbCdEf\""},
        {"aws-sm:" SECRET "a-AbCdEf", "\"Name\":\"a\",\"ARN\":\"" SECRET "a-FeDcBa\"", "secret, \"" SECRET},
        {"aws-sm:" SECRET "a-AbCdEf", "\"ARN\":\"" SECRET "a-AbCdEf-FeDcBa\"", "secret, \"" SECRET},
        {"aws-sm:" SECRET "a-AbCde", "\"ARN\":\"" SECRET "a-AbCde-FeDcBa\"", NULL},
        {"aws-sm:a-AbCdEf", "\"Name\":\"a-AbCdEf\",\"ARN\":\"" SECRET "a-AbCdEf-FeDcBa\"", NULL},
        {"aws-sm:a?version-id=v1", "\"Name\":\"a\",\"VersionId\":\"v1\"", NULL},
        {"aws-sm:a?version-id=v1", "\"Name\":\"a\",\"VersionId\":\"v2\"", "version, \"v2\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer body = BUFFER_INIT;
        buffer_printf(&body, "{\"SecretString\":\"x\",%s}", cases[i].answer);
        fake_host_answer("POST", URL, 200, NULL, buffer_text(&body));
        struct mstr_request *request = resolve(cases[i].reference);
        assert_int_equal(fake_request_code(request), cases[i].another == NULL ? MSTR_OK : MSTR_E_PROTOCOL);
        if (cases[i].another != NULL) {
            assert_contains(fake_request_message(request), "GetSecretValue answered with another ");
            assert_contains(fake_request_message(request), cases[i].another);
        }
        fake_request_free(request);
        buffer_release(&body);
    }
}

static void a_session_token_is_sent_and_signed(void **state)
{
    (void)state;
    fake_host_env("AWS_SESSION_TOKEN", "token");
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"x\"}");

    struct mstr_request *request = resolve("aws-sm:a");

    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-Amz-Security-Token"), "token");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "x-amz-security-token");
    fake_request_free(request);
}

static void an_arn_leads_to_its_own_region(void **state)
{
    (void)state;
    fake_host_answer("POST", "https://secretsmanager.us-east-2.amazonaws.com/", 200, NULL,
                     "{\"SecretString\":\"x\"}");

    struct mstr_request *request =
        resolve("aws-sm:arn:aws:secretsmanager:us-east-2:123456789012:secret:prod/a-AbCdEf");

    assert_int_equal(fake_request_code(request), MSTR_OK);
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "/us-east-2/secretsmanager/");
    assert_body(fake_host_request(0), "SecretId",
                "arn:aws:secretsmanager:us-east-2:123456789012:secret:prod/a-AbCdEf");
    fake_request_free(request);
}

static void version_and_stage_are_passed_on(void **state)
{
    (void)state;
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"x\"}");

    struct mstr_request *request =
        resolve("aws-sm:a?version-stage=AWSPREVIOUS&version-id=12345678901234567890123456789012");

    assert_body(fake_host_request(0), "VersionStage", "AWSPREVIOUS");
    assert_body(fake_host_request(0), "VersionId", "12345678901234567890123456789012");
    fake_request_free(request);
}

static void a_binary_secret_keeps_its_octets(void **state)
{
    size_t length = 0;
    (void)state;
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretBinary\":\"AAEC/w==\"}");

    struct mstr_request *request = resolve("aws-sm:a");

    const char *value = fake_request_value(request, &length);
    assert_int_equal(length, 4);
    assert_memory_equal(value, "\x00\x01\x02\xff", 4);
    fake_request_free(request);
}

static void a_text_may_hold_nul(void **state)
{
    size_t length = 0;
    (void)state;
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"a\\u0000b\"}");

    struct mstr_request *request = resolve("aws-sm:a");

    assert_memory_equal(fake_request_value(request, &length), "a\0b", 3);
    assert_int_equal(length, 3);
    fake_request_free(request);
}

static void each_refusal_has_its_class_and_details(void **state)
{
    static const struct {
        int status;
        const char *headers, *body;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {400, NULL, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"no such secret\"}", MSTR_E_NOT_FOUND,
         "no such secret"},
        {400, "x-amzn-errortype: AccessDeniedException:http://x/\n", "{\"Message\":\"User: arn is not authorized\"}",
         MSTR_E_DENIED, "not authorized"},
        {400, NULL, "{\"__type\":\"com.amazonaws#UnrecognizedClientException\",\"message\":\"bad token\"}",
         MSTR_E_AUTHENTICATION, "bad token"},
        {400, NULL, "{\"__type\":\"DecryptionFailure\",\"message\":\"kms\"}", MSTR_E_DENIED, "kms"},
        {400, NULL, "{\"__type\":\"InvalidRequestException\",\"message\":\"it was marked for deletion\"}",
         MSTR_E_NOT_FOUND, "marked for deletion"},
        {400, NULL, "{\"__type\":\"InvalidRequestException\",\"message\":\"in use\"}", MSTR_E_REQUEST, "in use"},
        {403, NULL, "<html>Proxy</html>", MSTR_E_PROTOCOL, "<html>Proxy"},
        {404, NULL, "<html>Proxy</html>", MSTR_E_PROTOCOL, "<html>Proxy"},
        {200, NULL, "<html>Proxy</html>", MSTR_E_PROTOCOL, "status 200 with an answer that is no JSON object"},
        {200, NULL, "[]", MSTR_E_PROTOCOL, "no JSON object"},
        {200, NULL, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"not here\"}", MSTR_E_NOT_FOUND,
         "not here"},
        {200, NULL, "{\"__type\":\"OddException\",\"Message\":\"odd\"}", MSTR_E_PROTOCOL, "odd"},
        {200, NULL, "{}", MSTR_E_PROTOCOL, "neither SecretString nor SecretBinary"},
        {200, NULL, "{\"SecretBinary\":\"not base64\"}", MSTR_E_PROTOCOL, "the SecretBinary of a is no base64"},
        {302, "Location: http://elsewhere/\n", "", MSTR_E_PROTOCOL, "302"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("POST", URL, cases[i].status, cases[i].headers, cases[i].body);
        struct mstr_request *request = resolve("aws-sm:a");
        assert_int_equal(fake_request_code(request), cases[i].code);
        assert_contains(fake_request_message(request), cases[i].message);
        fake_request_free(request);
    }
}

static void a_refusal_tells_the_service_code_and_the_request_id(void **state)
{
    (void)state;
    fake_host_answer("POST", URL, 400, "x-amzn-RequestId: id-1\n",
                     "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"none\"}");

    struct mstr_request *request = resolve("aws-sm:a");

    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_SERVICE_CODE), "ResourceNotFoundException");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_REQUEST_ID), "id-1");
    assert_non_null(fake_request_detail(request, MSTR_DETAIL_HINT));
    fake_request_free(request);
}

static void what_cannot_be_asked_is_refused_before_anything_is_sent(void **state)
{
    static const struct {
        const char *reference, *message;
    } cases[] = {
        {"aws-sm:a?stage=x", "unknown query key"},
        {"aws-sm:a?region=x%2F..%2Fevil.com%23", "no AWS region"},
        {"aws-sm:arn:aws:ssm:eu-west-1:1:parameter/a", "no ARN"},
        {"aws-sm:arn:aws:secretsmanager:eu-west-1", "no ARN"},
        {"aws-sm:arn:aws-cn:secretsmanager:eu-west-1:1:secret:a", "partition"},
        {"aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:a?region=us-east-1", "region"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_request *request = resolve(cases[i].reference);
        assert_int_equal(fake_request_code(request), MSTR_E_CONFIG);
        assert_contains(fake_request_message(request), cases[i].message);
        fake_request_free(request);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void resolve_three(struct mstr_request *requests[3])
{
    requests[0] = fake_request_new("aws-sm:a");
    requests[1] = fake_request_new("aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:b");
    requests[2] = fake_request_new("aws-sm:c");
    plugin->resolve(instance, requests, 3, fake_host_call());
}

static void free_three(struct mstr_request *requests[3])
{
    for (size_t i = 0; i < 3; i++) {
        fake_request_free(requests[i]);
    }
}

static void several_secrets_are_fetched_in_one_call(void **state)
{
    struct mstr_request *requests[3];
    (void)state;
    fake_host_answer(
        "POST", URL, 200, NULL,
        "{\"SecretValues\":[{\"Name\":\"b\",\"ARN\":\"arn:aws:secretsmanager:eu-west-1:1:secret:b-AbCdEf\","
        "\"SecretString\":\"B\"},{\"Name\":\"a\",\"SecretString\":\"A\",\"VersionId\":\"v\"}],"
        "\"Errors\":[{\"SecretId\":\"c\",\"ErrorCode\":\"ResourceNotFoundException\",\"Message\":\"none\"}]}");

    resolve_three(requests);

    assert_int_equal(fake_host_requests(), 1);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-Amz-Target"),
                        "secretsmanager.BatchGetSecretValue");
    assert_string_equal(fake_request_value(requests[0], NULL), "A");
    assert_string_equal(fake_request_value(requests[1], NULL), "B");
    assert_int_equal(fake_request_code(requests[2]), MSTR_E_NOT_FOUND);
    assert_string_equal(fake_request_detail(requests[2], MSTR_DETAIL_SERVICE_CODE), "ResourceNotFoundException");
    free_three(requests);
}

static void a_secret_that_is_forbidden_in_a_batch_is_told_with_the_permission(void **state)
{
    struct mstr_request *requests[3];
    (void)state;
    fake_host_answer(
        "POST", URL, 200, NULL,
        "{\"SecretValues\":[{\"Name\":\"a\",\"SecretString\":\"A\"},{\"Name\":\"b\",\"SecretString\":\"B\"}],"
        "\"Errors\":[{\"SecretId\":\"c\",\"ErrorCode\":\"AccessDeniedException\",\"Message\":\"no\"}]}");
    resolve_three(requests);
    assert_int_equal(fake_request_code(requests[2]), MSTR_E_DENIED);
    assert_string_equal(
        fake_request_detail(requests[2], MSTR_DETAIL_HINT),
        "allow this identity secretsmanager:GetSecretValue on the resource, and kms:Decrypt on its key");
    free_three(requests);
}

/* How many of three requests have this value, or a message that holds it. */
static int count_told(struct mstr_request *const requests[3], const char *text)
{
    int count = 0;
    for (size_t i = 0; i < 3; i++) {
        const char *value = fake_request_value(requests[i], NULL);
        count += value != NULL ? strcmp(value, text) == 0 : strstr(fake_request_message(requests[i]), text) != NULL;
    }
    return count;
}

/* They are fetched at once, so nobody knows which of them gets which answer. */
static void without_the_permission_for_batches_secrets_are_fetched_one_by_one(void **state)
{
    struct mstr_request *requests[3];
    (void)state;
    fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no batch\"}");
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"first\"}");
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"second\"}");
    fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"not c\"}");

    resolve_three(requests);

    assert_int_equal(count_told(requests, "first"), 1);
    assert_int_equal(count_told(requests, "second"), 1);
    assert_int_equal(count_told(requests, "not c"), 1);
    for (size_t i = 1; i < 4; i++) {
        assert_contains(fake_host_request(i)->headers, "secretsmanager.GetSecretValue");
    }
    assert_contains(fake_host_log(),
                    "info asking for 3 secrets one by one: BatchGetSecretValue: no batch "
                    "(AccessDeniedException); allow this identity secretsmanager:BatchGetSecretValue");
    free_three(requests);
}

static void a_service_that_knows_no_batches_is_asked_one_by_one(void **state)
{
    static const struct {
        int status;
        const char *body;
    } cases[] = {{400, "{\"__type\":\"UnknownOperationException\"}"},
                 {501, "{\"__type\":\"InternalFailure\",\"message\":\"not implemented\"}"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_request *requests[3];
        fake_host_answer("POST", URL, cases[i].status, NULL, cases[i].body);
        for (size_t j = 0; j < 3; j++) {
            fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"one\"}");
        }
        resolve_three(requests);
        assert_int_equal(count_told(requests, "one"), 3);
        free_three(requests);
    }
}

/* One call with its attempts tells it for all. */
static void a_batch_that_fails_otherwise_is_not_followed_by_single_calls(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        size_t requests;
    } cases[] = {{400, "{\"__type\":\"ThrottlingException\",\"message\":\"slow down\"}", MSTR_E_THROTTLED, 3},
                 {503, "", MSTR_E_UNAVAILABLE, 3},
                 {400, "{\"__type\":\"UnrecognizedClientException\"}", MSTR_E_AUTHENTICATION, 1},
                 {400, "{\"__type\":\"ValidationException\"}", MSTR_E_REQUEST, 1},
                 {400, "{\"__type\":\"InvalidParameterException\"}", MSTR_E_REQUEST, 1},
                 {400, "{\"__type\":\"RegionDisabledException\"}", MSTR_E_DENIED, 1},
                 {404, "{\"__type\":\"ResourceNotFoundException\"}", MSTR_E_NOT_FOUND, 1},
                 {500, "{\"__type\":\"InternalFailure\"}", MSTR_E_UNAVAILABLE, 3},
                 {200, "<html>", MSTR_E_PROTOCOL, 1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_request *requests[3];
        size_t before = fake_host_requests();
        for (size_t j = 0; j < cases[i].requests; j++) {
            fake_host_answer("POST", URL, cases[i].status, NULL, cases[i].body);
        }
        resolve_three(requests);
        assert_int_equal(fake_host_requests() - before, cases[i].requests);
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(fake_request_code(requests[j]), cases[i].code);
        }
        free_three(requests);
    }
}

#define THROTTLED(id) "{\"SecretId\":\"" id "\",\"ErrorCode\":\"ThrottlingException\",\"Message\":\"slow down\"}"

static void entries_that_were_throttled_are_asked_for_again_together_after_a_pause(void **state)
{
    struct mstr_request *requests[3];
    (void)state;
    fake_host_answer(
        "POST", URL, 200, NULL,
        "{\"SecretValues\":[{\"Name\":\"b\",\"ARN\":\"arn:aws:secretsmanager:eu-west-1:1:secret:b-AbCdEf\","
        "\"SecretString\":\"B\"}],\"Errors\":[" THROTTLED("a") "," THROTTLED("c") "]}");
    fake_host_answer(
        "POST", URL, 200, NULL,
        "{\"SecretValues\":[{\"Name\":\"a\",\"SecretString\":\"A\"},{\"Name\":\"c\",\"SecretString\":\"C\"}]}");

    resolve_three(requests);

    assert_string_equal(fake_host_request(1)->body, "{\"SecretIdList\":[\"a\",\"c\"]}");
    assert_string_equal(fake_request_value(requests[0], NULL), "A");
    assert_string_equal(fake_request_value(requests[1], NULL), "B");
    assert_string_equal(fake_request_value(requests[2], NULL), "C");
    assert_true(fake_host_slept() > 0);
    free_three(requests);
}

/* It would spoil the call for the others, none of which would be asked for by itself. */
static void an_id_that_cannot_be_one_is_asked_for_alone(void **state)
{
    static const char *const ids[] = {"a%20b", "a:b", "a%C3%A4", "a%22b"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char reference[32];
        snprintf(reference, sizeof(reference), "aws-sm:%s", ids[i]);
        struct mstr_request *requests[] = {fake_request_new("aws-sm:a"), fake_request_new(reference),
                                           fake_request_new("aws-sm:rds!b/c_+=.@-D")};
        fake_host_answer("POST", URL, 200, NULL,
                         "{\"SecretValues\":[{\"Name\":\"a\",\"SecretString\":\"A\"},"
                         "{\"Name\":\"rds!b/c_+=.@-D\",\"SecretString\":\"B\"}]}");
        fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"ValidationException\",\"Message\":\"bad name\"}");
        plugin->resolve(instance, requests, 3, fake_host_call());
        assert_string_equal(fake_host_request(2 * i)->body, "{\"SecretIdList\":[\"a\",\"rds!b/c_+=.@-D\"]}");
        assert_string_equal(fake_request_value(requests[0], NULL), "A");
        assert_int_equal(fake_request_code(requests[1]), MSTR_E_REQUEST);
        assert_string_equal(fake_request_value(requests[2], NULL), "B");
        free_three(requests);
    }
}

static void what_one_batch_answered_is_in_no_other(void **state)
{
    enum { MANY = 22 };
    struct mstr_request *requests[MANY];
    struct buffer values = BUFFER_INIT;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        char reference[32];
        snprintf(reference, sizeof(reference), "aws-sm:s%zu", i);
        requests[i] = fake_request_new(reference);
        if (i > 0) { /* the first is throttled */
            buffer_printf(&values, "%s{\"Name\":\"s%zu\",\"SecretString\":\"x\"}", i > 1 ? "," : "", i);
        }
    }
    struct buffer first = BUFFER_INIT;
    buffer_printf(&first, "{\"SecretValues\":[%s],\"Errors\":[" THROTTLED("s0") "]}", buffer_text(&values));
    fake_host_answer("POST", URL, 200, NULL, buffer_text(&first));
    fake_host_answer("POST", URL, 200, NULL, "{\"SecretValues\":[{\"Name\":\"s0\",\"SecretString\":\"x\"}]}");
    fake_host_answer("POST", URL, 200, NULL,
                     "{\"SecretValues\":[{\"Name\":\"s20\",\"SecretString\":\"x\"},"
                     "{\"Name\":\"s21\",\"SecretString\":\"x\"}]}");
    plugin->resolve(instance, requests, MANY, fake_host_call());
    assert_string_equal(fake_host_request(2)->body, "{\"SecretIdList\":[\"s20\",\"s21\"]}");
    for (size_t i = 0; i < MANY; i++) {
        assert_string_equal(fake_request_value(requests[i], NULL), "x");
        fake_request_free(requests[i]);
    }
    buffer_release(&first);
    buffer_release(&values);
}

static void failures_that_are_nobodys_are_followed_by_single_calls(void **state)
{
    struct mstr_request *requests[3];
    (void)state;
    fake_host_answer("POST", URL, 200, NULL, "{\"Errors\":[" THROTTLED("another") "]}");
    for (size_t i = 0; i < 3; i++) {
        fake_host_answer("POST", URL, 200, NULL, "{\"SecretString\":\"one\"}");
    }
    resolve_three(requests);
    assert_int_equal(fake_host_requests(), 4);
    assert_int_equal(count_told(requests, "one"), 3);
    free_three(requests);
}

static void an_entry_that_stays_throttled_is_told_so_after_three_batches(void **state)
{
    struct mstr_request *requests[3];
    (void)state;
    fake_host_answer("POST", URL, 200, NULL,
                     "{\"SecretValues\":[{\"Name\":\"a\",\"SecretString\":\"A\"},"
                     "{\"Name\":\"b\",\"ARN\":\"arn:aws:secretsmanager:eu-west-1:1:secret:b-AbCdEf\","
                     "\"SecretString\":\"B\"}],\"Errors\":[" THROTTLED("c") "]}");
    fake_host_answer("POST", URL, 200, NULL, "{\"Errors\":[" THROTTLED("c") "]}");
    fake_host_answer("POST", URL, 200, NULL, "{\"Errors\":[" THROTTLED("c") "]}");

    resolve_three(requests);

    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_request_value(requests[0], NULL), "A");
    assert_int_equal(fake_request_code(requests[2]), MSTR_E_THROTTLED);
    assert_contains(fake_request_message(requests[2]), "slow down");
    free_three(requests);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_instance, plugin_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_secret_is_asked_for_by_name_in_a_signed_request),
        TEST(an_answer_of_another_secret_is_refused),
        TEST(a_session_token_is_sent_and_signed),
        TEST(an_arn_leads_to_its_own_region),
        TEST(version_and_stage_are_passed_on),
        TEST(a_binary_secret_keeps_its_octets),
        TEST(a_text_may_hold_nul),
        TEST(each_refusal_has_its_class_and_details),
        TEST(a_refusal_tells_the_service_code_and_the_request_id),
        TEST(what_cannot_be_asked_is_refused_before_anything_is_sent),
        TEST(several_secrets_are_fetched_in_one_call),
        TEST(a_secret_that_is_forbidden_in_a_batch_is_told_with_the_permission),
        TEST(without_the_permission_for_batches_secrets_are_fetched_one_by_one),
        TEST(a_service_that_knows_no_batches_is_asked_one_by_one),
        TEST(a_batch_that_fails_otherwise_is_not_followed_by_single_calls),
        TEST(entries_that_were_throttled_are_asked_for_again_together_after_a_pause),
        TEST(an_id_that_cannot_be_one_is_asked_for_alone),
        TEST(what_one_batch_answered_is_in_no_other),
        TEST(failures_that_are_nobodys_are_followed_by_single_calls),
        TEST(an_entry_that_stays_throttled_is_told_so_after_three_batches),
    };
    return RUN_TESTS("aws/service/secrets_manager");
}
