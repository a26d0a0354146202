/* SPDX-License-Identifier: Apache-2.0 */
/* Access keys: those of the seed, and the temporary ones that STS, the metadata services and the portal issue. */
#include "aws.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct aws_key *keys;

void aws_keys_unload(void)
{
    while (keys) {
        struct aws_key *next = keys->next;
        free(keys);
        keys = next;
    }
}

static struct aws_key *add_key(void)
{
    struct aws_key *key = calloc(1, sizeof(*key));
    if (!key)
        abort();
    key->next = keys;
    keys = key;
    return key;
}

static void copy_text(struct json_object *object, const char *member, char *out, size_t size)
{
    const char *text = json_member_text(object, member);
    snprintf(out, size, "%s", text ? text : "");
}

void aws_keys_load(struct json_object *section)
{
    struct json_object *list = json_member(section, "keys");
    aws_keys_unload();
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        struct aws_key *key = add_key();
        copy_text(item, "access_key_id", key->id, sizeof(key->id));
        copy_text(item, "secret_access_key", key->secret, sizeof(key->secret));
        copy_text(item, "session_token", key->token, sizeof(key->token));
        copy_text(item, "account", key->account, sizeof(key->account));
        copy_text(item, "arn", key->arn, sizeof(key->arn));
        json_member_int64(item, "expires_ms", &key->expires);
        json_member_bool(item, "denied", &key->denied);
    }
}

const struct aws_key *aws_key_named(const char *id)
{
    for (const struct aws_key *key = keys; key; key = key->next)
        if (!strcmp(key->id, id))
            return key;
    return NULL;
}

const struct aws_key *aws_key_issue(const char *account, const char *arn, int64_t seconds)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    static const char mixed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+";
    struct aws_key *key = add_key();
    memcpy(key->id, "ASIA", 4);
    sim_random_text(key->id + 4, 16, upper);
    sim_random_text(key->secret, 40, mixed);
    sim_random_text(key->token, 120, mixed);
    snprintf(key->account, sizeof(key->account), "%s", account);
    snprintf(key->arn, sizeof(key->arn), "%s", arn);
    key->expires = sim_now() + seconds * 1000;
    return key;
}
