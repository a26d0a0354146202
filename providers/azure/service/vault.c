/* SPDX-License-Identifier: Apache-2.0 */
/* Vaults and their demands. */
#include "azure/service/vault.h"

#include "azure/config/authority.h"
#include "azure/config/cloud.h"
#include "azure/config/field.h"
#include "azure/config/setting.h"
#include "azure/wire/challenge.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct known_vault {
    struct known_vault *next;
    char url[VAULT_URL_MAX + 1];
    char host[VAULT_HOST_MAX + 1];
    struct demand demand;
};

bool known_vaults_init(struct known_vaults *vaults, const struct mstr_instance *instance)
{
    vaults->instance = instance;
    vaults->first = NULL;
    return pthread_mutex_init(&vaults->mutex, NULL) == 0;
}

void known_vaults_destroy(struct known_vaults *vaults)
{
    known_vaults_clear(vaults);
    pthread_mutex_destroy(&vaults->mutex);
}

/* A bare name lives in the cloud whose authority is configured. */
static enum mstr_code name_host(const struct mstr_instance *instance, const struct secret_id *id, char *authority,
                                size_t size, struct mstr_error *error)
{
    struct authority configured;
    if (!id->bare) {
        field_set(authority, size, id->vault, strlen(id->vault));
        return MSTR_OK;
    }
    enum mstr_code code = authority_find(instance, &configured, error);
    if (code == MSTR_OK) {
        snprintf(authority, size, "%s.%s", id->vault, cloud_of_authority(configured.host)->vaults);
    }
    return code;
}

/* The endpoint's host begins with the vault's name, whatever the domain. */
static bool has_its_name(const struct vault *vault)
{
    size_t length = strcspn(vault->asked, ".");
    return vault->host[length] == '.' && text_equal_nocase_length(vault->asked, vault->host, length);
}

/* The endpoint is known to be that of another vault: by its own name, or by that of its private link. */
static bool is_another(const struct vault *vault)
{
    return text_starts_with(vault->asked + strcspn(vault->asked, "."), ".privatelink.")
               ? !has_its_name(vault)
               : cloud_of_vault(vault->asked) != NULL && !text_equal_nocase(vault->asked, vault->host);
}

bool vault_is_called(const struct vault *vault, const char *name)
{
    char url[VAULT_MAX + 16];
    char called[VAULT_HOST_MAX + 1];
    struct uri uri;
    snprintf(url, sizeof(url), "https://%s", name);
    return uri_parse(url, &uri) && field_set(called, sizeof(called), uri.host, uri.host_length) &&
           (text_equal_nocase(called, vault->host) ||
            (has_its_name(vault) && text_equal_nocase(called, vault->asked)));
}

/* Takes the URL that requests begin with, of a host alone or of a configured endpoint, which may have a path. */
static bool set_url(struct vault *vault, const char *url)
{
    struct uri uri;
    size_t length = strlen(url);
    length -= length > 0 && url[length - 1] == '/';
    if (!field_set(vault->url, sizeof(vault->url), url, length) || !uri_parse(vault->url, &uri) ||
        uri.query != NULL || uri.fragment ||
        !field_set(vault->asked, sizeof(vault->asked), uri.host, uri.host_length)) {
        return false;
    }
    vault->asked_port = uri.port;
    return true;
}

enum mstr_code vault_locate(const struct mstr_instance *instance, const struct secret_id *id, struct vault *vault,
                            struct mstr_error *error)
{
    char name[VAULT_MAX + 64];
    char url[VAULT_MAX + 80];
    const char *endpoint = setting_option(instance, "endpoint");
    *vault = (struct vault){.by_endpoint = endpoint != NULL};
    enum mstr_code code = name_host(instance, id, name, sizeof(name), error);
    if (code != MSTR_OK) {
        return code;
    }
    snprintf(url, sizeof(url), "%s://%s", id->plain ? "http" : "https", name);
    if (!set_url(vault, url)) {
        return host->error_set(error, MSTR_E_CONFIG, "the vault \"%.100s\" is no host", id->vault);
    }
    memcpy(vault->host, vault->asked, sizeof(vault->host));
    vault->port = vault->asked_port;
    if (endpoint != NULL && !set_url(vault, endpoint)) {
        return host->error_set(error, MSTR_E_CONFIG, "endpoint is too long, or has a query");
    }
    if (is_another(vault)) {
        return error_hint(error,
                          host->error_set(error, MSTR_E_CONFIG,
                                          "the reference names the vault %s, but endpoint is of another, %s",
                                          vault->host, vault->asked),
                          "make a section for each vault that has an endpoint of its own");
    }
    return MSTR_OK;
}

static struct known_vault *find(struct known_vaults *vaults, const struct vault *vault)
{
    struct known_vault *known = vaults->first;
    while (known != NULL && (strcmp(known->url, vault->url) != 0 || strcmp(known->host, vault->host) != 0)) {
        known = known->next;
    }
    return known;
}

/* What needs no challenge: the resource of one of Azure's own names at its own port, and for an endpoint that
 * somebody configured also the resource configured with it. */
static bool is_evident(const struct known_vaults *vaults, const struct vault *vault, struct demand *demand)
{
    enum { HTTPS = 443 };
    const char *named = vault->by_endpoint ? setting_option(vaults->instance, "challenge_resource") : NULL;
    const struct cloud *cloud = cloud_of_vault(vault->host);
    if (named != NULL) {
        size_t length = strlen(named);
        length -= named[length - 1] == '/';
        return field_set(demand->resource, sizeof(demand->resource), named, length);
    }
    if (cloud == NULL || vault->port != HTTPS) {
        return false;
    }
    snprintf(demand->resource, sizeof(demand->resource), "https://%s", cloud->vaults);
    return true;
}

bool vault_demand(struct known_vaults *vaults, const struct vault *vault, struct demand *demand)
{
    *demand = (struct demand){.resource = ""};
    pthread_mutex_lock(&vaults->mutex);
    const struct known_vault *known = find(vaults, vault);
    if (known != NULL) {
        *demand = known->demand;
    }
    pthread_mutex_unlock(&vaults->mutex);
    return known != NULL || is_evident(vaults, vault, demand);
}

static bool keep(struct known_vaults *vaults, const struct vault *vault, const struct demand *demand)
{
    pthread_mutex_lock(&vaults->mutex);
    struct known_vault *known = find(vaults, vault);
    if (known == NULL && (known = calloc(1, sizeof(*known))) != NULL) {
        memcpy(known->url, vault->url, sizeof(known->url));
        memcpy(known->host, vault->host, sizeof(known->host));
        known->next = vaults->first;
        vaults->first = known;
    }
    if (known != NULL) {
        known->demand = *demand;
    }
    pthread_mutex_unlock(&vaults->mutex);
    return known != NULL;
}

/* The host that answers may be another than the one that the vault is known by; either may lie below the resource. */
static bool is_allowed(const struct known_vaults *vaults, const struct vault *vault, const char *resource)
{
    const char *named = setting_option(vaults->instance, "challenge_resource");
    return challenge_is_allowed(resource, vault->host, vault->port, named) ||
           challenge_is_allowed(resource, vault->asked, vault->asked_port, named);
}

static enum mstr_code refuse(const struct vault *vault, const char *resource, struct mstr_error *error)
{
    return error_hint(error,
                      host->error_set(error, MSTR_E_DENIED,
                                      "%s asks for a token of \"%s\", which is not its own resource; it gets none",
                                      vault->url, resource),
                      "do not trust it with anything; only where it is your own vault under a name of its own, set "
                      "challenge_resource to the resource that its cloud's documents name");
}

enum mstr_code vault_learn(struct known_vaults *vaults, const struct vault *vault, const char *challenge,
                           struct demand *demand, struct mstr_error *error)
{
    struct demand asked;
    if (challenge == NULL || !challenge_read(challenge, &asked)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s answered 401 without a challenge that names a resource",
                               vault->url);
    }
    if (asked.resource[0] != '\0' && !is_allowed(vaults, vault, asked.resource)) {
        return refuse(vault, asked.resource, error);
    }
    if (asked.resource[0] == '\0' && demand->resource[0] == '\0') {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s asks for claims before it named a resource", vault->url);
    }
    if (asked.resource[0] == '\0') { /* the claims challenge of a token that was the right one but for them */
        memcpy(asked.resource, demand->resource, sizeof(asked.resource));
        memcpy(asked.tenant, demand->tenant, sizeof(asked.tenant));
    }
    *demand = asked;
    return keep(vaults, vault, demand) ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

void known_vaults_clear(struct known_vaults *vaults)
{
    pthread_mutex_lock(&vaults->mutex);
    struct known_vault *known = vaults->first;
    vaults->first = NULL;
    pthread_mutex_unlock(&vaults->mutex);
    while (known != NULL) {
        struct known_vault *next = known->next;
        free(known);
        known = next;
    }
}
