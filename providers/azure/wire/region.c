/* SPDX-License-Identifier: Apache-2.0 */
/* Regions. */
#include "azure/wire/region.h"

#include "azure/config/setting.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "sdk/request.h"

enum { TIMEOUT = 2000 }; /* ms */
static const char location[] = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";

enum mstr_code region_read(const struct mstr_http_answer *answer, struct buffer *region, struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *told = json_member_text(body, "location");
    bool put = buffer_puts(region, told != NULL ? told : "");
    return json_done(body, put ? parsed : MSTR_E_MEMORY, MSTR_OK, error);
}

/* Where this machine stands, as the platform tells: by a variable of App Service, or the instance metadata. Nothing
 * where it does not. */
static enum mstr_code detect(const struct mstr_call *call, struct buffer *region, struct mstr_error *error)
{
    static const struct mstr_header metadata = {"Metadata", "true"};
    static const struct traffic traffic = {.retry = {.attempts = 1},
                                           .flags = MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN,
                                           .connect_timeout = TIMEOUT,
                                           .timeout = TIMEOUT};
    const struct mstr_http_request get = {.method = "GET", .url = location, .headers = &metadata, .header_count = 1};
    struct request request = {.traffic = &traffic, .fixed = &get, .keeps_answer = true};
    const char *named = setting_variable("REGION_NAME");
    if (named != NULL) {
        buffer_puts(region, named);
        return MSTR_OK;
    }
    enum mstr_code code = request_send(&request, call);
    if (code == MSTR_OK && host->http_answer(request.answer)->status == 200) {
        code = region_read(host->http_answer(request.answer), region, error);
    }
    host->http_free(request.answer);
    return code == MSTR_E_MEMORY ? host->error_set(error, code, "out of memory") : MSTR_OK;
}

enum mstr_code region_find(const struct mstr_instance *instance, const struct mstr_call *call, struct buffer *region,
                           struct mstr_error *error)
{
    const char *named = setting_variable("AZURE_REGIONAL_AUTHORITY_NAME");
    if (named == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = MSTR_OK;
    if (text_equal_nocase(named, "TryAutoDetect")) {
        code = detect(call, region, error);
        if (code == MSTR_OK && region->length == 0) {
            host->log(instance, MSTR_LEVEL_WARN, "no region was found, the global authority is asked");
        }
    } else {
        buffer_puts(region, named);
    }
    if (code != MSTR_OK || region->failed) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return text_is_made_of(buffer_text(region), "-")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "AZURE_REGIONAL_AUTHORITY_NAME: \"%.60s\" is no region",
                                 buffer_text(region));
}
