/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of refused logins, so that no repetition locks an account: what was tried, by its HMAC-SHA-256 under a
 * random key of this memory's own. What was refused is not sent again for 30 s, after each further refusal for twice
 * as long up to 10 min, and no more than three times in 30 min. What nobody knows anything of is sent by one at a
 * time, as the others would only be refused along with him; once it was good they need not wait. Thread-safe; holds
 * no lock while anything is sent.
 */
#ifndef MSTR_SECRET_REFUSALS_H
#define MSTR_SECRET_REFUSALS_H

#include "base/buffer.h"
#include "base/limits.h"
#include "secret/refusal_record.h"

struct refusals;

/* A login that was asked for, and what became of that. */
struct trial {
    size_t place; /* of the memory's own */
    int64_t began;
    int64_t wait;    /* ms in which it is not to be sent */
    bool look_again; /* where that is so: nobody looked for a better value in the last seconds */
    struct refusal_record *record;
    unsigned char digest[REFUSAL_DIGEST]; /* of what is tried, in the record */
};

/* NULL without resources. */
struct refusals *refusals_new(void);
/* One more owner of the same memory, with a refusals_free() of his own. */
struct refusals *refusals_share(struct refusals *refusals);
/* The last owner wipes and frees; NULL is accepted. */
void refusals_free(struct refusals *refusals);

/* MSTR_OK: it may be sent, and is to be ended with refusals_leave(). MSTR_E_AUTHENTICATION: it was refused lately.
 * Else what the limits say, or MSTR_E_MEMORY. `record`, which outlives the trial, is the caller's own, or NULL: what
 * other processes wrote there counts, and how the trial ended is noted there. */
enum mstr_code refusals_enter(struct refusals *refusals, struct refusal_record *record, const struct buffer *tried,
                              const struct limits *limits, struct trial *trial);
/* How it ended; MSTR_E_AUTHENTICATION = refused. */
void refusals_leave(struct refusals *refusals, const struct trial *trial, enum mstr_code outcome);

#endif
