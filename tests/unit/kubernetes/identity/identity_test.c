/* providers/kubernetes/identity/identity.c: proofs, and who reads by them. */
#include "unit/kubernetes/support.h"

#include "kubernetes/identity/identity.h"

#include "sdk/identity_digest.h"

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
    kubernetes_identity_digest(identity, proof, digests[0]);
    buffer_puts(&proof->authorization, "Bearer x");
    kubernetes_identity_digest(identity, proof, digests[1]);
    buffer_puts(&proof->certificate, "CERT");
    kubernetes_identity_digest(identity, proof, digests[2]);
    identity->cluster.server[8] = 'x';
    kubernetes_identity_digest(identity, proof, digests[3]);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(digests[i], digests[j]);
        }
    }
    kept_release(&proof->kept);
    identity_release(identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_proof_is_kept),
        TEST(a_refused_proof_is_replaced_by_another_one_alone),
        TEST(who_reads_is_told_by_server_proof_and_whom_one_acts_as),
    };
    return RUN_TESTS("kubernetes/identity/identity");
}
