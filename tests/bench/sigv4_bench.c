/* SPDX-License-Identifier: Apache-2.0 */
/* Signing a GetSecretValue request: signatures a second with the key derived anew and with the key kept, and beside
 * them the hash and MAC calls that no signer can avoid. Prints three numbers, for tests/bench/run to compare. */
#include "sdk/hmac.h"
#include "sdk/sigv4.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 7, CALLS = 20000 };

static const char body[] = "{\"SecretId\":\"prod/mstr\"}";
static const struct mstr_header headers[] = {{"Content-Type", "application/x-amz-json-1.1"},
                                             {"X-Amz-Target", "secretsmanager.GetSecretValue"},
                                             {"Host", "secretsmanager.us-east-1.amazonaws.com"}};
static const struct sigv4_keys keys = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL};
static const struct sigv4_request request = {.method = "POST",
                                             .path = "/",
                                             .headers = headers,
                                             .header_count = 3,
                                             .body = body,
                                             .body_length = sizeof(body) - 1};
static struct sigv4_key kept;

static void sign(struct sigv4_key *key)
{
    struct sigv4_signature signature;
    if (sigv4_sign(&keys, "us-east-1", "secretsmanager", 1768478400000, &request, key, &signature) == MSTR_OK) {
        sigv4_release(&signature);
    }
}

static void sign_anew(void)
{
    sign(NULL);
}

static void sign_kept(void)
{
    sign(&kept);
}

/* The body's hash, the canonical request's, and the MAC of the string to sign. */
static void unavoidable(void)
{
    static char canonical[300];
    static char to_sign[140];
    unsigned char digest[32];
    sha256(body, sizeof(body) - 1, digest);
    sha256(canonical, sizeof(canonical), digest);
    hmac_sha256(digest, sizeof(digest), to_sign, sizeof(to_sign), digest);
}

/* Calls a second, the best of some rounds. */
static double measure(void (*call)(void))
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (int i = 0; i < CALLS; i++) {
            call();
        }
        clock_gettime(CLOCK_MONOTONIC, &to);
        double rate = CALLS / ((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
        best = rate > best ? rate : best;
    }
    return best;
}

int main(void)
{
    double anew = measure(sign_anew);
    double cached = measure(sign_kept);
    printf("%.0f %.0f %.0f\n", anew, cached, measure(unavoidable));
    return 0;
}
