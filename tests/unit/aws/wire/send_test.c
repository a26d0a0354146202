/* SPDX-License-Identifier: Apache-2.0 */
/* One call of an AWS service: by keys, by a proof of its own, or by nothing. */
#include "aws/wire/send.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdio.h>

#define URL "https://oidc.eu-west-1.amazonaws.com/v2/token"

static const struct aws_service service = {.name = "sso-oidc", .endpoint = "SSO_OIDC", .host = "oidc"};
static const struct aws_settings settings;
static const struct configuration config = {.settings = &settings};
static int proofs;

static enum mstr_code prove(const void *data, const char *url, int64_t now, struct buffer *proof,
                            struct mstr_error *error)
{
    (void)error;
    buffer_printf(proof, "%s %d %s at %lld", (const char *)data, ++proofs, url, (long long)(now / 1000));
    return MSTR_OK;
}

static enum mstr_code refuse(const void *data, const struct mstr_http_response *response, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_AUTHENTICATION, "%s: %s", (const char *)data,
                           host->http_answer(response)->body);
}

static struct aws_call rest_call(void)
{
    proofs = 0;
    return (struct aws_call){.config = &config,
                             .service = &service,
                             .region = "eu-west-1",
                             .action = "CreateToken",
                             .path = "/v2/token",
                             .body = "{}",
                             .body_length = 2,
                             .proof_header = "Proof",
                             .prove = prove,
                             .tell = refuse,
                             .data = "mine"};
}

static void a_proof_is_made_for_each_attempt(void **state)
{
    const struct aws_call call = rest_call();
    struct mstr_http_response *answer = NULL;
    (void)state;
    fake_host_fail("POST", URL, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", URL, 200, NULL, "good");

    assert_int_equal(aws_send(&call, NULL, fake_host_call(), &answer, NULL), MSTR_OK);

    assert_string_equal(host->http_answer(answer)->body, "good");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Proof"), "mine 1 " URL " at 1768478400");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Proof"), "mine 2 " URL " at 1768478400");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Content-Type"), "application/json");
    assert_null(fake_exchange_header(fake_host_request(1), "Authorization"));
    host->http_free(answer);
}

static void a_refusal_is_told_by_who_knows_it(void **state)
{
    const struct aws_call call = rest_call();
    struct mstr_http_response *answer = NULL;
    struct mstr_error *error = host->error_new();
    (void)state;
    fake_host_answer("POST", URL, 400, NULL, "no");

    assert_int_equal(aws_send(&call, NULL, fake_host_call(), &answer, error), MSTR_E_AUTHENTICATION);

    assert_null(answer);
    assert_string_equal(host->error_message(error), "mine: no");
    host->error_free(error);
}

static void without_a_body_it_is_a_get(void **state)
{
    struct aws_call call = rest_call();
    struct mstr_http_response *answer = NULL;
    (void)state;
    call.body = NULL;
    call.body_length = 0;
    fake_host_answer("GET", URL, 200, NULL, "");

    assert_int_equal(aws_send(&call, NULL, fake_host_call(), &answer, NULL), MSTR_OK);

    assert_null(fake_exchange_header(fake_host_request(0), "Content-Type"));
    host->http_free(answer);
}

static void what_is_good_for_one_attempt_is_sent_once(void **state)
{
    struct aws_call call = rest_call();
    struct mstr_http_response *answer = NULL;
    (void)state;
    call.once = true;
    call.tell = NULL;
    fake_host_answer("POST", URL, 503, NULL, "");

    assert_int_equal(aws_send(&call, NULL, fake_host_call(), &answer, NULL), MSTR_E_UNAVAILABLE);

    assert_true(fake_host_request(0)->request.flags & MSTR_HTTP_SINGLE_SHOT);
}

static void limits_and_trust_are_those_of_all_of_aws(void **state)
{
    const struct aws_call call = rest_call();
    struct mstr_http_response *answer = NULL;
    (void)state;
    fake_host_env("AWS_CA_BUNDLE", "/bundle.pem");
    fake_host_answer("POST", URL, 200, NULL, "");

    assert_int_equal(aws_send(&call, NULL, fake_host_call(), &answer, NULL), MSTR_OK);

    const struct fake_exchange *sent = fake_host_request(0);
    assert_string_equal(sent->ca_file, "/bundle.pem");
    assert_int_equal(sent->request.connect_timeout, 3100);
    assert_int_equal(sent->request.timeout, 15000);
    assert_int_equal(sent->request.response_limit, 8 * 1024 * 1024);
    host->http_free(answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_proof_is_made_for_each_attempt),
        TEST(a_refusal_is_told_by_who_knows_it),
        TEST(without_a_body_it_is_a_get),
        TEST(what_is_good_for_one_attempt_is_sent_once),
        TEST(limits_and_trust_are_those_of_all_of_aws),
    };
    return RUN_TESTS("aws/wire/send");
}
