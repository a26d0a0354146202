/* SPDX-License-Identifier: Apache-2.0 */
/* What a pod is told: the token in its file and what the API server then answers, which are the same octets; and what
 * a kubeconfig's helper program prints. */
#include "identity_fuzz.h"

#include "kubernetes/identity/exec_helper.h"
#include "sdk/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
enum mstr_code __wrap_file_read(const char *path, const char *what, unsigned flags, struct buffer *out,
                                struct mstr_error *error);

static const uint8_t *told;
static size_t told_size;

enum mstr_code __wrap_file_read(const char *path, const char *what, unsigned flags, struct buffer *out,
                                struct mstr_error *error)
{
    (void)path;
    (void)what;
    (void)flags;
    (void)error;
    return buffer_append(out, told, told_size) ? MSTR_OK : MSTR_E_MEMORY;
}

/* A proof that is accepted fits a header line. */
static void read_printed(const uint8_t *data, size_t size)
{
    static const char *const versions[] = {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"};
    struct proof *proof = proof_new();
    struct mstr_error *error = host->error_new();
    enum mstr_code code = exec_helper_read((const char *)data, size, versions[size % 2], proof, error);
    const char *header = buffer_text(&proof->authorization);
    if (code == MSTR_OK && header[strcspn(header, "\r\n")] != '\0') {
        abort();
    }
    check_told(code, error);
    host->error_free(error);
    kept_release(&proof->kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surrounding surroundings[] = {
        {{{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}}},
        {{{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}, {"POD_NAMESPACE", "ns"}}},
    };
    size_t line = 0;
    told = data + (size >= 2 ? 2 : size);
    told_size = size >= 2 ? size - 2 : 0;
    while (line < told_size && told[line] != '\n') {
        line++;
    }
    fake_host_reset();
    host_take(fake_host_table());
    read_printed(told, told_size);
    told_size = line; /* of the file */
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), NULL, "k8s:ns/app", data, size);
    return 0;
}
