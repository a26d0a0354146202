/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over the files named, each also cut at every octet, in place of libFuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED_MOST = 64 * 1024, CUT_MOST = 4096 };

/* Each run has memory of exactly its size, so that a sanitizer sees what is read past the end. */
static int run(const uint8_t *octets, size_t size)
{
    uint8_t *exact = malloc(size != 0 ? size : 1);
    if (exact == NULL) {
        return 1;
    }
    memcpy(exact, octets, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int count, char **names)
{
    static uint8_t seed[SEED_MOST];
    int failed = count < 2;
    for (int i = 1; i < count && !failed; i++) {
        FILE *file = fopen(names[i], "rb");
        if (file == NULL) {
            perror(names[i]);
            return 1;
        }
        size_t size = fread(seed, 1, sizeof(seed), file);
        fclose(file);
        failed = run(seed, size);
        for (size_t cut = 0; cut < size && cut < CUT_MOST && !failed; cut++) {
            failed = run(seed, cut);
        }
    }
    return failed;
}
