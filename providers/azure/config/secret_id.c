/* SPDX-License-Identifier: Apache-2.0 */
/* References to secrets of Key Vault. */
#include "azure/config/secret_id.h"

#include "azure/config/cloud.h"
#include "azure/config/field.h"
#include "base/text.h"
#include "base/uri.h"

#include <string.h>

enum { VAULT_NAME_SHORTEST = 3, VAULT_NAME_LONGEST = 24 };

static const char forms_hint[] = "write azure-kv://VAULT/NAME, azure-kv://VAULT/NAME/VERSION, or the whole id "
                                 "azure-kv:https://HOST/secrets/NAME";
static const char name_hint[] = "names of secrets have 1 to 127 letters, digits and hyphens; where a product maps "
                                "other characters, write the mapped name, e.g. db-password for db_password";
static const char vault_hint[] =
    "names of vaults have 3 to 24 letters from a to z, digits and single hyphens, and begin "
    "with a letter; for another host write HOST or HOST:PORT";

static struct secret_id_fault fault(const char *what, const char *hint)
{
    return (struct secret_id_fault){what, hint};
}

static bool copy(char *to, size_t size, const char *text, size_t length)
{
    return length > 0 && field_set(to, size, text, length);
}

static bool is_vault_name(const char *name)
{
    size_t length = strlen(name);
    return length >= VAULT_NAME_SHORTEST && length <= VAULT_NAME_LONGEST && text_is_made_of(name, "-") &&
           strchr("0123456789-", name[0]) == NULL && strstr(name, "--") == NULL && name[length - 1] != '-';
}

static struct secret_id_fault check_vault(struct secret_id *id)
{
    char url[VAULT_MAX + 16] = "https://";
    char host[VAULT_MAX + 1] = "";
    struct uri uri;
    id->bare = strpbrk(id->vault, ".:[") == NULL;
    if (id->bare) {
        return is_vault_name(id->vault) ? fault(NULL, NULL) : fault("names a vault that cannot exist", vault_hint);
    }
    strcat(url, id->vault);
    if (uri_is_international(url)) {
        return fault("has a vault whose host name is not in ASCII",
                     "write an international host name in the form that begins with xn--");
    }
    if (!uri_parse(url, &uri) || uri.user != NULL || uri.query != NULL || uri.fragment) {
        return fault("has a vault that is no host", vault_hint);
    }
    if (copy(host, sizeof(host), uri.host, uri.host_length) && cloud_is_hsm(host)) {
        return fault("names a managed HSM, which holds keys and no secrets", "store the secret in a vault");
    }
    return fault(NULL, NULL);
}

/* NAME[/VERSION] */
static struct secret_id_fault parse_path(const char *path, struct secret_id *id)
{
    size_t length = strcspn(path, "/");
    const char *version = path[length] == '/' ? path + length + 1 : NULL;
    if (!copy(id->name, sizeof(id->name), path, length) || !text_is_made_of(id->name, "-")) {
        return fault("names a secret that cannot exist", name_hint);
    }
    if (version != NULL &&
        (!copy(id->version, sizeof(id->version), version, strlen(version)) || !text_is_made_of(id->version, "-"))) {
        return fault("has no version after the last slash", "a version is 32 hexadecimal digits; without one the "
                                                            "latest is meant, and no slash is wanted");
    }
    return fault(NULL, NULL);
}

static bool is_loopback(const char *url)
{
    struct uri uri;
    return uri_parse(url, &uri) && uri_is_loopback(&uri);
}

static struct secret_id_fault parse_url(const char *body, size_t scheme, struct secret_id *id)
{
    static const char collection[] = "/secrets/";
    const char *host_at = body + scheme;
    const char *path = host_at + strcspn(host_at, "/");
    char kind[sizeof(collection)] = "";
    if (!copy(id->vault, sizeof(id->vault), host_at, (size_t)(path - host_at))) {
        return fault("names no vault", forms_hint);
    }
    id->plain = body[4] == ':';
    if (id->plain && !is_loopback(body)) {
        return fault("would send a token over plain http", "write https");
    }
    strncpy(kind, path, sizeof(kind) - 1);
    if (text_starts_with(path, "/certificates/")) {
        return fault("names a certificate", "write /secrets/ for /certificates/: the secret of the same name holds "
                                            "the certificate with its key");
    }
    if (!text_equal_nocase(kind, collection)) {
        return fault("is no id of a secret", forms_hint);
    }
    struct secret_id_fault found = check_vault(id);
    return found.what == NULL ? parse_path(path + strlen(collection), id) : found;
}

struct secret_id_fault secret_id_parse(const char *body, struct secret_id *id)
{
    *id = (struct secret_id){.bare = false};
    if (text_starts_with(body, "https://") || text_starts_with(body, "http://")) {
        return parse_url(body, (size_t)(strstr(body, "//") - body) + 2, id);
    }
    if (!text_starts_with(body, "//")) {
        return fault("does not begin with //VAULT", forms_hint);
    }
    const char *vault = body + 2;
    const char *slash = strchr(vault, '/');
    if (slash == NULL) {
        return fault("names no secret after the vault", forms_hint);
    }
    if (!copy(id->vault, sizeof(id->vault), vault, (size_t)(slash - vault))) {
        return fault("names no vault", forms_hint);
    }
    struct secret_id_fault found = check_vault(id);
    return found.what == NULL ? parse_path(slash + 1, id) : found;
}
