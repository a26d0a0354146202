/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of HTTP as a fuzzer's input, and a mutator that keeps them ones: a first line, header lines, an empty line
 * and a body, then a line "%%" and the next. Whole messages, lines of a head and values within JSON are taken out,
 * doubled, exchanged and replaced by those that a grammar knows; now and then any octets are changed.
 */
#ifndef MSTR_TESTS_FUZZ_TALK_H
#define MSTR_TESTS_FUZZ_TALK_H

#include <stddef.h>
#include <stdint.h>

enum { TALK_MESSAGES = 16, TALK_HEADERS = 24 };

/* Octets of the input. */
struct span {
    const char *at;
    size_t length;
};

struct message {
    struct span whole;
    struct span first;
    struct span headers[TALK_HEADERS]; /* their lines */
    size_t header_count;
    struct span body;
};

struct talk {
    struct message messages[TALK_MESSAGES];
    size_t count;
};

/* What may stand in each place; each list ends with NULL. */
struct grammar {
    const char *const *first;
    const char *const *headers;
    const char *const *bodies;
};

/* Any octets are some talk; what is too much of it is left out. */
void talk_read(const char *text, size_t length, struct talk *talk);
/* For LLVMFuzzerCustomMutator(). */
size_t talk_mutate(uint8_t *data, size_t size, size_t most, unsigned seed, const struct grammar *grammar);

/* Of all that hold one; libFuzzer calls it first. */
int LLVMFuzzerInitialize(int *count, char ***arguments);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most); /* libFuzzer's, or replay.c's */

#endif
