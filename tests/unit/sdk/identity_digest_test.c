/* providers/sdk/identity_digest.c */
#include "support/unit.h"

#include "sdk/identity_digest.h"

static void an_identity_is_told_by_a_digest_of_its_proof(void **state)
{
    (void)state;
    char one[IDENTITY_SIZE];
    char other[IDENTITY_SIZE];
    identity_digest("abc", one);
    assert_string_equal(one, "ba7816bf8f01cfea414140de5dae2223"); /* FIPS 180-2, B.1 */
    identity_digest("abd", other);
    assert_string_not_equal(one, other);
    identity_digest("abc", other);
    assert_string_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identity_is_told_by_a_digest_of_its_proof),
    };
    return RUN_TESTS("sdk/identity_digest");
}
