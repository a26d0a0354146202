/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/wire/proof.c */
#include "unit/kubernetes/support.h"

#include "kubernetes/wire/proof.h"

static void a_token_is_taken_without_what_surrounds_it(void **state)
{
    (void)state;
    struct proof *proof = proof_new();
    assert_int_equal(proof_set_token(proof, " \nabc.def\r\n", "it", NULL), MSTR_OK);
    assert_string_equal(buffer_text(&proof->authorization), "Bearer abc.def");
    assert_int_equal(proof_set_token(proof, " \n", "it", NULL), MSTR_E_PROTOCOL);
    assert_int_equal(proof_set_token(proof, "a\nb", "it", NULL), MSTR_E_PROTOCOL);
    kept_release(&proof->kept);
}

static void a_password_is_sent_as_basic(void **state)
{
    (void)state;
    struct proof *proof = proof_new();
    assert_true(proof_set_password(proof, "svc", "hush"));
    assert_string_equal(buffer_text(&proof->authorization), "Basic c3ZjOmh1c2g=");
    kept_release(&proof->kept);
}

static void proofs_are_the_same_by_all_that_they_hold(void **state)
{
    (void)state;
    struct proof *one = proof_new();
    struct proof *other = proof_new();
    struct mstr_http_request http = {.size = sizeof(http)};
    proof_show(one, &http);
    assert_null(http.client_cert_pem);
    assert_true(proof_is_same(one, other));
    buffer_puts(&one->certificate, "CERT");
    buffer_puts(&one->key, "KEY");
    assert_false(proof_is_same(one, other));
    buffer_puts(&other->certificate, "CERT");
    assert_false(proof_is_same(one, other));
    proof_show(one, &http);
    assert_string_equal(http.client_cert_pem, "CERT");
    assert_string_equal(http.client_key_pem, "KEY");
    kept_release(&one->kept);
    kept_release(&other->kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_token_is_taken_without_what_surrounds_it),
        TEST(a_password_is_sent_as_basic),
        TEST(proofs_are_the_same_by_all_that_they_hold),
    };
    return RUN_TESTS("kubernetes/wire/proof");
}
