/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: engines that make a credential at every read, whose lease can be renewed and revoked and ends with the
 * token. */
#include "vault.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lease {
    struct lease *next;
    char id[2 * VAULT_TEXT_MAX];
    const struct vault_token *token;
    int64_t ttl;
    int64_t expires;
    int64_t latest;
    bool renewable;
} * leases;

void vault_leases_unload(void)
{
    while (leases) {
        struct lease *next = leases->next;
        free(leases);
        leases = next;
    }
}

static bool is_live(const struct lease *lease)
{
    return vault_token_is_live(lease->token) && lease->expires > sim_now();
}

int64_t vault_leases_count(void)
{
    int64_t count = 0;
    for (const struct lease *lease = leases; lease; lease = lease->next)
        count += is_live(lease);
    return count;
}

static struct lease *make_lease(const struct vault_call *call, struct json_object *role)
{
    struct lease *lease = calloc(1, sizeof(*lease));
    char random[25];
    if (!lease)
        abort();
    sim_random_text(random, sizeof(random) - 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    snprintf(lease->id, sizeof(lease->id), "%s/%s%s", call->path, random, *call->namespace ? ".sim01" : "");
    lease->token = call->token;
    lease->ttl = vault_seconds(json_member(role, "ttl"), 3600);
    lease->latest = sim_now() + vault_seconds(json_member(role, "max_ttl"), 24 * 3600) * 1000;
    lease->expires = sim_now() + lease->ttl * 1000;
    lease->renewable = true;
    json_member_bool(role, "renewable", &lease->renewable);
    lease->next = leases;
    leases = lease;
    return lease;
}

static void put_lease(struct json_object *envelope, const struct lease *lease)
{
    sim_put(envelope, "lease_id", lease->id);
    sim_put_bool(envelope, "renewable", lease->renewable);
    sim_put_int(envelope, "lease_duration", (lease->expires - sim_now() + 500) / 1000);
}

/* A user that nobody had before. */
static struct json_object *make_credential(const char *role)
{
    char user[VAULT_TEXT_MAX];
    char random[21];
    struct json_object *data = json_object_new_object();
    sim_random_text(random, sizeof(random) - 1, "abcdefghijklmnopqrstuvwxyz0123456789");
    snprintf(user, sizeof(user), "v-token-%.100s-%s", role, random);
    sim_random_text(random, sizeof(random) - 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
    sim_put(data, "username", user);
    sim_put(data, "password", random);
    return data;
}

void vault_dynamic(struct vault_call *call, const char *path)
{
    struct json_object *roles = json_member(call->mount, "roles");
    struct json_object *role = sim_find(roles, "path", path);
    const char *name = strrchr(path, '/');
    const char *wanted = sim_flag(role, "written") ? "update" : "read";
    if (!role) {
        vault_refuse(call, 400, "unknown role: %s", name ? name + 1 : path);
        return;
    }
    if (!vault_is(call, wanted)) {
        vault_unsupported(call);
        return;
    }
    struct json_object *envelope = vault_envelope(call);
    sim_count("vault", "leases");
    put_lease(envelope, make_lease(call, role));
    json_object_object_add(envelope, "data", make_credential(name ? name + 1 : path));
    vault_send(call, 200, envelope);
}

static struct lease *find_lease(const char *id)
{
    struct lease *lease = leases;
    while (lease && (!id || strcmp(lease->id, id) != 0 || !is_live(lease)))
        lease = lease->next;
    return lease;
}

static void renew(struct vault_call *call, struct lease *lease)
{
    const int64_t asked = vault_seconds(json_member(call->input, "increment"), 0);
    if (!lease->renewable) {
        vault_refuse(call, 400, "lease is not renewable");
        return;
    }
    lease->expires = sim_now() + (asked > 0 ? asked : lease->ttl) * 1000;
    if (lease->expires > lease->latest)
        lease->expires = lease->latest;
    struct json_object *envelope = vault_envelope(call);
    sim_count("vault", "lease_renewals");
    put_lease(envelope, lease);
    vault_send(call, 200, envelope);
}

void vault_lease(struct vault_call *call, const char *what)
{
    struct lease *lease = find_lease(vault_input(call, "lease_id"));
    if (!vault_input(call, "lease_id")) {
        vault_refuse(call, 400, "lease_id must be specified");
    } else if (!strcmp(what, "revoke")) {
        if (lease)
            lease->expires = 0;
        sim_count("vault", "lease_revocations");
        vault_done(call);
    } else if (!lease) {
        vault_refuse(call, 400, "lease not found");
    } else {
        renew(call, lease);
    }
}
