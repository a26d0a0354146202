/* SPDX-License-Identifier: Apache-2.0 */
/* kubeconfig files: what is accepted has a server that can be asked and headers of a line each; every fault is told
 * in bounded lines. Nothing is run, and no file is read. And the same text as what a reference names. */
#include "check_fuzz.h"

#include "base/uri.h"
#include "kubernetes/identity/user.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct identity *identity)
{
    struct uri uri;
    if (!uri_parse(identity->cluster.server, &uri) || (!uri.https && !uri_is_loopback(&uri)) ||
        identity->kind == NULL) {
        abort();
    }
    for (size_t i = 0; i < identity->impersonation_count; i++) {
        if (strpbrk(identity->impersonation[i].name, "\r\n: ") != NULL ||
            strpbrk(identity->impersonation[i].value, "\r\n") != NULL) {
            abort();
        }
    }
}

static void check_reference(const char *rest)
{
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    const struct mstr_instance *instance = fake_host_instance(NULL);
    void *self = NULL;
    if (provider->create(instance, &self, NULL) == MSTR_OK) {
        check_fuzz(provider, instance, self, "k8s", rest);
        provider->destroy(self);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text = BUFFER_INIT;
    fake_host_reset();
    host_take(fake_host_table());
    struct mstr_error *error = host->error_new();
    struct identity *identity = identity_new(fake_host_instance(NULL), "it");
    buffer_append(&text, data, size);
    enum mstr_code code =
        kubeconfig_add_text(&identity->config, "/nonexistent/it", buffer_text(&text), text.length, error);
    if (code == MSTR_OK) {
        code = kubeconfig_select(&identity->config, NULL, &identity->context, error);
    }
    if (code == MSTR_OK && json_member(identity->context.cluster.value, "certificate-authority") == NULL) {
        code = cluster_read(&identity->context, identity->instance, &identity->cluster, error);
        code = code == MSTR_OK ? user_settle(identity, error) : code;
        if (code == MSTR_OK) {
            check(identity);
        }
    }
    check_told(code, error);
    check_reference(buffer_text(&text));
    identity_release(identity);
    host->error_free(error);
    buffer_release(&text);
    return 0;
}
