/* Regions. */
#include "azure/wire/region.h"

#include "azure/config/setting.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "sdk/request.h"

enum { TIMEOUT = 2000 }; /* ms */
static const char location[] = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";

/* Where this machine stands, as the platform tells: by a variable of App Service, or the instance metadata. */
static bool detect(const struct mstr_call *call, struct buffer *region)
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
        return buffer_puts(region, named);
    }
    if (request_send(&request, call) == MSTR_OK && host->http_answer(request.answer)->status == 200) {
        const struct mstr_http_answer *answer = host->http_answer(request.answer);
        struct json_object *body = NULL;
        json_read(answer->body, answer->body_length, &body);
        const char *told = json_member_text(body, "location");
        buffer_puts(region, told != NULL ? told : "");
        json_release(body);
    }
    host->http_free(request.answer);
    return region->length > 0;
}

enum mstr_code region_find(const struct mstr_instance *instance, const struct mstr_call *call, struct buffer *region,
                           struct mstr_error *error)
{
    const char *named = setting_variable("AZURE_REGIONAL_AUTHORITY_NAME");
    if (named == NULL) {
        return MSTR_OK;
    }
    if (text_equal_nocase(named, "TryAutoDetect")) {
        if (!detect(call, region)) {
            host->log(instance, MSTR_LEVEL_WARN, "no region was found, the global authority is asked");
        }
    } else {
        buffer_puts(region, named);
    }
    return text_is_made_of(buffer_text(region), "-")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "AZURE_REGIONAL_AUTHORITY_NAME: \"%.60s\" is no region",
                                 buffer_text(region));
}
