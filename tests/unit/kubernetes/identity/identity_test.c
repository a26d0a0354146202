/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/identity.c: proofs, and who reads by them. */
#include "unit/kubernetes/support.h"

#include "kubernetes/identity/identity.h"

static int asked;

static enum mstr_code prove(struct identity *identity, const struct mstr_call *call, struct proof *proof,
                            struct mstr_error *error)
{
    char token[16];
    (void)identity;
    (void)call;
    snprintf(token, sizeof(token), "%d", ++asked / 2);
    return proof_set_token(proof, token, "it", error);
}

static const struct identity_kind counting = {"counting", prove};

static struct identity *make(void)
{
    struct identity *identity = identity_new(fake_host_instance(NULL), "a test");
    identity->kind = &counting;
    identity->cluster.server = strdup(SERVER);
    asked = 0;
    return identity;
}

static void a_proof_is_kept(void **state)
{
    (void)state;
    struct identity *identity = make();
    struct proof *one = NULL;
    struct proof *other = NULL;
    assert_int_equal(identity_prove(identity, fake_host_call(), &one, NULL), MSTR_OK);
    assert_int_equal(identity_prove(identity, fake_host_call(), &other, NULL), MSTR_OK);
    assert_ptr_equal(one, other);
    assert_int_equal(asked, 1);
    kept_release(&one->kept);
    kept_release(&other->kept);
    identity_release(identity);
}

static void a_refused_proof_is_replaced_by_another_one_alone(void **state)
{
    (void)state;
    struct identity *identity = make();
    struct proof *refused = NULL;
    struct proof *other = NULL;
    struct proof *same = NULL;
    assert_int_equal(identity_prove(identity, fake_host_call(), &refused, NULL), MSTR_OK);
    assert_int_equal(identity_prove_anew(identity, fake_host_call(), refused, &other, NULL), MSTR_OK);
    assert_false(proof_is_same(refused, other));
    assert_int_equal(identity_prove_anew(identity, fake_host_call(), other, &same, NULL), MSTR_E_AUTHENTICATION);
    assert_null(same);
    kept_release(&refused->kept);
    kept_release(&other->kept);
    identity_release(identity);
}

static void who_reads_is_told_by_server_proof_and_whom_one_acts_as(void **state)
{
    (void)state;
    struct identity *identity = make();
    struct proof *proof = proof_new();
    char digests[4][IDENTITY_SIZE];
    identity_whose(identity, proof, digests[0]);
    buffer_puts(&proof->authorization, "Bearer x");
    identity_whose(identity, proof, digests[1]);
    buffer_puts(&proof->certificate, "CERT");
    identity_whose(identity, proof, digests[2]);
    identity->cluster.server[8] = 'x';
    identity_whose(identity, proof, digests[3]);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(digests[i], digests[j]);
        }
    }
    kept_release(&proof->kept);
    identity_release(identity);
}

/* {"iss":"k","sub":"system:serviceaccount:a:b","jti":"1"}, and "2" */
#define JWT_1 "Bearer e30.eyJpc3MiOiJrIiwic3ViIjoic3lzdGVtOnNlcnZpY2VhY2NvdW50OmE6YiIsImp0aSI6IjEifQ.x"
#define JWT_2 "Bearer e30.eyJpc3MiOiJrIiwic3ViIjoic3lzdGVtOnNlcnZpY2VhY2NvdW50OmE6YiIsImp0aSI6IjIifQ.y"

static void a_renewed_token_of_a_service_account_is_the_same_identity(void **state)
{
    (void)state;
    struct identity *identity = make();
    struct proof *first = proof_new();
    struct proof *second = proof_new();
    char digests[2][IDENTITY_SIZE];
    buffer_puts(&first->authorization, JWT_1);
    buffer_puts(&second->authorization, JWT_2);
    identity_whose(identity, first, digests[0]);
    identity_whose(identity, second, digests[1]);
    assert_string_equal(digests[0], digests[1]);
    kept_release(&first->kept);
    kept_release(&second->kept);
    identity_release(identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_proof_is_kept),
        TEST(a_refused_proof_is_replaced_by_another_one_alone),
        TEST(a_renewed_token_of_a_service_account_is_the_same_identity),
        TEST(who_reads_is_told_by_server_proof_and_whom_one_acts_as),
    };
    return RUN_TESTS("kubernetes/identity/identity");
}
