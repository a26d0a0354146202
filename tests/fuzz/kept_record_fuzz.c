/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that processes leave each other, as they are once they are unsealed: what was refused, and values with
 * their facts. The first octet says which; what is read can be written, and reads the same then.
 */
#include "base/clock.h"
#include "fleet/shared_value.h"
#include "secret/refusal_record.h"
#include "secret/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_refusals(const void *octets, size_t length)
{
    const int64_t wall = 1768478400000;
    static struct refusal_record record;
    static struct refusal_record again;
    struct buffer text = BUFFER_INIT;
    record.count = 0;
    if (refusal_record_read(&record, octets, length, wall)) {
        if (record.count > REFUSAL_RECORDS || refusal_record_pause(&record) > REFUSAL_ACCOUNT_PERIOD ||
            !refusal_record_put(&record, wall, &text) || !refusal_record_read(&again, text.data, text.length, wall) ||
            again.count != record.count) {
            abort();
        }
        for (size_t i = 0; i < record.count; i++) {
            const struct refusal *found = refusal_record_find(&record, record.items[i].digest);
            if (found == NULL || refusal_pause(found, clock_monotonic()) > REFUSAL_PERIOD) {
                abort();
            }
        }
    } else if (record.count != 0) {
        abort();
    }
    buffer_release(&text);
}

static void read_value(const char *octets, size_t length)
{
    int64_t until = 0;
    int64_t until_again = 0;
    struct buffer text = BUFFER_INIT;
    mstr_secret *secret = shared_value_unpack(octets, length, "me", &until);
    if (secret != NULL) {
        mstr_secret *again = NULL;
        if (mstr_secret_length(secret) > length || !shared_value_pack(secret, until, &text) ||
            (again = shared_value_unpack(text.data, text.length, "me", &until_again)) == NULL ||
            until_again != until || mstr_secret_length(again) != mstr_secret_length(secret) ||
            memcmp(mstr_secret_octets(again), mstr_secret_octets(secret), mstr_secret_length(secret)) != 0) {
            abort();
        }
        mstr_secret_release(again);
    }
    mstr_secret_release(secret);
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] % 2 == 0) {
        read_refusals(data + 1, size - 1);
    } else if (size > 0) {
        read_value((const char *)data + 1, size - 1);
    }
    return 0;
}
