/* Lists that the server gives in pages. */
#include "pages.h"

#include "output.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 200, QUERY_MAX = 66 };

/* The items of a page: the body itself, or the first array among its members. */
static struct json_object *items_of(struct json_object *body)
{
    if (json_object_is_type(body, json_type_array)) {
        return body;
    }
    if (json_object_is_type(body, json_type_object)) {
        json_object_object_foreach(body, name, member)
        {
            (void)name;
            if (json_object_is_type(member, json_type_array)) {
                return member;
            }
        }
    }
    return NULL;
}

/* How many items there are in all, -1 when the answer does not tell. */
static int64_t total_of(const mstr_response *response, struct json_object *body)
{
    const char *header = mstr_response_header(response, "x-mstr-total-count");
    struct json_object *member = NULL;
    if (header != NULL) {
        return strtoll(header, NULL, 10);
    }
    if (json_object_is_type(body, json_type_object) && json_object_object_get_ex(body, "totalItems", &member)) {
        return json_object_get_int64(member);
    }
    return -1;
}

static void print_items(struct json_object *items, size_t printed)
{
    for (size_t i = 0; i < json_object_array_length(items); i++) {
        output_puts(output_data, printed + i > 0 ? ",\n" : "");
        output_puts(output_data,
                    json_object_to_json_string_ext(json_object_array_get_idx(items, i), JSON_C_TO_STRING_PLAIN));
    }
}

/* One page. `more` tells whether another may follow. */
static enum mstr_code print_page(mstr_session *session, const mstr_session_request *request, size_t *printed,
                                 bool *more, int64_t limit, mstr_error *error)
{
    mstr_response *response = NULL;
    size_t length = 0;
    enum mstr_code code = mstr_session_send(session, request, &response, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct json_object *body = json_tokener_parse(mstr_response_body(response, &length));
    struct json_object *items = items_of(body);
    if (items != NULL) {
        size_t count = json_object_array_length(items);
        int64_t total = total_of(response, body);
        print_items(items, *printed);
        *printed += count;
        *more = count > 0 && (total >= 0 ? (int64_t)*printed < total : (int64_t)count == limit);
    } else {
        code = mstr_error_report(error, MSTR_E_PROTOCOL, "%s: the answer is no list", request->path);
    }
    json_object_put(body);
    mstr_response_free(response);
    return code;
}

enum mstr_code pages_print(mstr_session *session, const mstr_session_request *request, mstr_error *error)
{
    struct mstr_header query[QUERY_MAX];
    mstr_session_request page = *request;
    char offset[24];
    char limit[24];
    int64_t size = PAGE_SIZE;
    size_t printed = 0;
    page.query_count = 0;
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].name, "limit") == 0) {
            size = strtoll(request->query[i].value, NULL, 10);
        } else if (strcmp(request->query[i].name, "offset") != 0) {
            query[page.query_count++] = request->query[i];
        }
    }
    if (size < 1) {
        return mstr_error_report(error, MSTR_E_USAGE, "with --paginate, limit is the size of a page, from 1 on");
    }
    snprintf(limit, sizeof limit, "%lld", (long long)size);
    query[page.query_count++] = (struct mstr_header){"limit", limit};
    query[page.query_count++] = (struct mstr_header){"offset", offset};
    page.query = query;
    enum mstr_code code = MSTR_OK;
    output_puts(output_data, "[");
    for (bool more = true; more && code == MSTR_OK;) {
        more = false;
        snprintf(offset, sizeof offset, "%zu", printed);
        code = print_page(session, &page, &printed, &more, size, error);
    }
    output_puts(output_data, "]\n");
    return code;
}
