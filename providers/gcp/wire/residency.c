/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this runs on Google Cloud. */
#include "gcp/wire/residency.h"

#include "base/text.h"
#include "gcp/wire/metadata_client.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <stdatomic.h>
#include <string.h>

/* METADATA_SERVER_DETECTION, as Google's library for Node.js knows it. */
enum detection { DETECT_ALL, DETECT_NONE, DETECT_PRESENT, DETECT_SIGNS, DETECT_PING, DETECT_UNKNOWN };

static enum detection detection_asked_for(void)
{
    static const struct {
        const char *name;
        enum detection detection;
    } known[] = {{"none", DETECT_NONE},
                 {"assume-present", DETECT_PRESENT},
                 {"bios-only", DETECT_SIGNS},
                 {"ping-only", DETECT_PING}};
    const char *no_check = host->environment("NO_GCE_CHECK");
    const char *value = host->environment("METADATA_SERVER_DETECTION");
    if (no_check != NULL && strcmp(no_check, "true") == 0) {
        return DETECT_NONE;
    }
    for (size_t i = 0; !text_empty(value) && i < sizeof(known) / sizeof(*known); i++) {
        if (text_equal_nocase(known[i].name, value)) {
            return known[i].detection;
        }
    }
    return text_empty(value) ? DETECT_ALL : DETECT_UNKNOWN;
}

static bool product_is_google(void)
{
    static const char path[] = "/sys/class/dmi/id/product_name";
    struct buffer name = BUFFER_INIT;
    bool google = file_read(path, path, 0, &name, NULL) == MSTR_OK && text_starts_with(buffer_text(&name), "Google");
    buffer_release(&name);
    return google;
}

/* What costs no network. */
static bool signs_say_so(void)
{
    const char *const signs[] = {host->environment("GCE_METADATA_HOST"), host->environment("GCE_METADATA_ROOT"),
                                 host->environment("K_SERVICE"), host->environment("CLOUD_RUN_JOB"),
                                 host->environment("FUNCTION_NAME")};
    return first_filled(signs, sizeof(signs) / sizeof(*signs)) != NULL || product_is_google();
}

static enum mstr_code ping_once(const struct mstr_call *call, struct mstr_error *error)
{
    enum { UNKNOWN, PRESENT, ABSENT };
    static atomic_int known = UNKNOWN;
    if (known == UNKNOWN) {
        bool found = metadata_ping(call);
        if (!found && (host->cancelled(call) || host->remaining(call) == 0)) {
            return host->error_set(error, host->cancelled(call) ? MSTR_E_CANCELLED : MSTR_E_TIMEOUT,
                                   "no time was left to look for a metadata server");
        }
        known = found ? PRESENT : ABSENT;
    }
    return known == PRESENT
               ? MSTR_OK
               : host->error_set(error, MSTR_E_NOT_AVAILABLE, "not on Google Cloud: no metadata server answers");
}

enum mstr_code residency_check(const struct mstr_call *call, struct mstr_error *error)
{
    enum detection detection = detection_asked_for();
    if (detection == DETECT_UNKNOWN) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "METADATA_SERVER_DETECTION must be none, assume-present, bios-only or ping-only");
    }
    if (detection == DETECT_NONE) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE,
                               "NO_GCE_CHECK or METADATA_SERVER_DETECTION says that there is none");
    }
    if (detection == DETECT_PRESENT || (detection != DETECT_PING && signs_say_so())) {
        return MSTR_OK;
    }
    return detection != DETECT_SIGNS
               ? ping_once(call, error)
               : host->error_set(error, MSTR_E_NOT_AVAILABLE, "nothing on this machine says that it is Google's");
}
