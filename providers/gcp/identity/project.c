/* SPDX-License-Identifier: Apache-2.0 */
/* The identity's own project. */
#include "gcp/identity/project.h"

#include "base/text.h"
#include "gcp/identity/metadata.h"
#include "gcp/wire/metadata_client.h"

enum mstr_code project_find(const struct gcp_identity *identity, const struct mstr_call *call, struct buffer *out,
                            struct mstr_error *error)
{
    const char *const places[] = {host->environment("GOOGLE_CLOUD_PROJECT"), host->environment("GCLOUD_PROJECT"),
                                  json_member_text(identity->config, "project_id")};
    const char *told = first_filled(places, sizeof(places) / sizeof(*places));
    if (told != NULL) {
        return buffer_puts(out, told) ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (identity->kind == &metadata_identity) {
        return metadata_text(identity->instance, call, "project/project-id", out, error);
    }
    return error_hint(error,
                      host->error_set(error, MSTR_E_CONFIG,
                                      "the reference leaves the project open, and %s knows none", identity->source),
                      "write the project into the reference, or set GOOGLE_CLOUD_PROJECT");
}
