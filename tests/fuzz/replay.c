/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over the files named in place of libFuzzer: those with a name of their own also cut at every
 * octet, and with what the target's mutator makes of them, if it has one; those that are named by their digest, of
 * which there are many, as they are.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) __attribute__((weak));

enum { SEED_MOST = 64 * 1024, CUT_MOST = 4096, MUTATIONS = 30, DIGEST = 40 };

/* libFuzzer's, which leaves all as it is. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    (void)data;
    return size < most ? size : most;
}

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

static int run_cut(const uint8_t *octets, size_t size)
{
    int failed = 0;
    for (size_t cut = 0; cut < size && cut < CUT_MOST && !failed; cut++) {
        failed = run(octets, cut);
    }
    return failed;
}

/* Each of what has become of it before. */
static int run_mutated(uint8_t *octets, size_t size)
{
    int failed = 0;
    for (unsigned seed = 1; LLVMFuzzerCustomMutator != NULL && seed <= MUTATIONS && !failed; seed++) {
        size = LLVMFuzzerCustomMutator(octets, size, CUT_MOST, seed);
        failed = run(octets, size);
    }
    return failed;
}

static int is_named(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return strspn(name, "0123456789abcdef") != DIGEST || name[DIGEST] != '\0';
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
        if (!failed && is_named(names[i])) {
            failed = run_cut(seed, size);
            failed = failed ? failed : run_mutated(seed, size);
        }
    }
    return failed;
}
