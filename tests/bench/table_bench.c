/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to make rows of a report, against receiving its JSON and dropping it: 20,000 rows as CSV, in pages of
 * 1,000, from a server in this process that answers at once, and from a simulator where its base URL is given.
 *
 *   table_bench [BASE_URL]
 */
#include "bench.h"
#include "support/tiny_server.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 20000, PAGE = 1000, ROUNDS = 11, PAGE_MAX = 512 * 1024 };

#define REPORT_ID "8CCDA29611E943E8B5FB0080EFD5AF44"
#define SIM_ID    "A000001211E943E8B5FB0080EFD5AF44"

static char *pages[ROWS / PAGE];
static int csv;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* --- the server ------------------------------------------------------------------------------------------------- */

MSTR_PRINTF(2, 3) static void put(char *page, const char *format, ...)
{
    va_list arguments;
    size_t at = strlen(page);
    va_start(arguments, format);
    vsnprintf(page + at, PAGE_MAX - at, format, arguments);
    va_end(arguments);
}

/* An attribute with two forms and four metrics. */
static char *make_page(int offset)
{
    static char page[PAGE_MAX];
    char *end = page;
    page[0] = '\0';
    put(page, "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[{\"name\":\"Customer\","
              "\"id\":\"C\","
              "\"type\":\"attribute\",\"forms\":[{\"id\":\"I\",\"name\":\"ID\"},{\"id\":\"D\",\"name\":\"DESC\"}],"
              "\"elements\":[");
    for (int i = 0; i < PAGE; i++, end += strlen(end)) {
        put(end, "%s{\"formValues\":[\"%d\",\"Customer number %d\"],\"id\":\"h%d;C\"}", i > 0 ? "," : "", offset + i,
            offset + i, offset + i);
    }
    put(end, "]}],\"columns\":[{\"name\":\"Metrics\",\"id\":\"0\",\"type\":\"templateMetrics\",\"elements\":[");
    for (int i = 0; i < 4; i++) {
        put(end, "%s{\"name\":\"Metric %d\",\"id\":\"M%d\",\"dataType\":\"double\"}", i > 0 ? "," : "", i, i);
    }
    put(end, "]}],\"pageBy\":[]}},\"data\":{\"paging\":{\"total\":%d},\"headers\":{\"rows\":[", ROWS);
    for (int i = 0; i < PAGE; i++, end += strlen(end)) {
        put(end, "%s[%d]", i > 0 ? "," : "", i);
    }
    put(end, "],\"columns\":[[0,1,2,3]]},\"metricValues\":{\"raw\":[");
    for (int i = 0; i < PAGE; i++, end += strlen(end)) {
        put(end, "%s[%d.25,%d.0123456789,%d,null]", i > 0 ? "," : "", offset + i, i, offset + i);
    }
    put(end, "]}}}");
    return strdup(page);
}

static bool answer(struct tiny_connection *connection, const char *head, const char *body)
{
    char text[256];
    snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head, strlen(body));
    return tiny_text(connection, text) && tiny_write(connection, body, strlen(body));
}

static bool serve(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    const char *offset = strstr(request->head, "offset=");
    (void)data;
    if (strstr(request->head, "auth/login") != NULL) {
        return answer(connection, "200 OK\r\nX-MSTR-AuthToken: t", "");
    }
    if (strstr(request->head, "/instances") == NULL) {
        return answer(connection, "204 No Content", "");
    }
    return answer(connection, "200 OK\r\nContent-Type: application/json",
                  pages[offset != NULL ? atoi(offset + strlen("offset=")) / PAGE : 0]);
}

/* --- both ways -------------------------------------------------------------------------------------------------- */

static int drop(const void *octets, size_t length, void *data)
{
    (void)octets;
    *(long long *)data += (long long)length;
    return 0;
}

/* The pages as they come, one after another. */
static long long receive(mstr_session *session, const char *id)
{
    long long length = 0;
    char path[160] = "v2/reports/";
    char instance[64];
    mstr_response *made = NULL;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_writer writer = MSTR_WRITER_INIT;
    snprintf(path, sizeof(path), "v2/reports/%s/instances?offset=0&limit=%d&fields=-data.metricValues.formatted", id,
             PAGE);
    need(mstr_session_post(session, path, "{}", &made, NULL) == MSTR_OK, "the run");
    snprintf(instance, sizeof(instance), "%s", mstr_response_text(made, "/instanceId"));
    mstr_response_free(made);
    writer.write = drop;
    writer.data = &length;
    request.writer = &writer;
    request.path = path;
    for (int offset = PAGE; offset < ROWS; offset += PAGE) {
        mstr_response *page = NULL;
        snprintf(path, sizeof(path),
                 "v2/reports/%s/instances/%s?offset=%d&limit=%d&fields=-data.metricValues.formatted", id, instance,
                 offset, PAGE);
        need(mstr_session_send(session, &request, &page, NULL) == MSTR_OK, "a page");
        mstr_response_free(page);
    }
    return length;
}

/* As the tool does it. */
static void write_octets(const char *octets, size_t length)
{
    static char buffer[4096];
    static size_t used;
    if (length > sizeof(buffer) - used) {
        need(write(csv, buffer, used) == (ssize_t)used, "writing");
        used = 0;
    }
    if (length > 0) {
        memcpy(buffer + used, octets, length);
        used += length;
    }
}

static void write_csv(mstr_session *session, const char *id)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    mstr_table *table = NULL;
    int row = 1;
    long long rows = 0;
    request.object = id;
    request.page_size = PAGE;
    need(mstr_table_open(session, &request, &table, NULL) == MSTR_OK, "the table");
    while (row) {
        need(mstr_table_next(table, &row, NULL) == MSTR_OK, "a row");
        for (size_t i = 0; row && i < mstr_table_columns(table); i++) {
            size_t length = 0;
            const char *text = mstr_table_text(table, i, &length);
            write_octets(text, length);
            write_octets(i + 1 < mstr_table_columns(table) ? "," : "\n", 1);
        }
        rows += row;
    }
    need(rows == ROWS, "the count of rows");
    mstr_table_free(table);
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void measure(mstr_session *session, const char *id, const char *where)
{
    double received[ROUNDS];
    double written[ROUNDS];
    struct rusage before;
    struct rusage after;
    long long length = 0;
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < ROUNDS; i++) {
        double begin = now();
        length = receive(session, id);
        double middle = now();
        write_csv(session, id);
        received[i] = middle - begin;
        written[i] = now() - middle;
    }
    getrusage(RUSAGE_SELF, &after);
    qsort(received, ROUNDS, sizeof(*received), compare);
    qsort(written, ROUNDS, sizeof(*written), compare);
    printf(
        "%d rows to CSV from %s: %.1f ms, receiving their %lld KiB %.1f ms, ratio %.2f; %ld KiB more memory at the "
        "peak, two pages have %lld\n",
        ROWS, where, written[ROUNDS / 2], length / 1024, received[ROUNDS / 2],
        written[ROUNDS / 2] / received[ROUNDS / 2], after.ru_maxrss - before.ru_maxrss,
        2 * length / 1024 / (ROWS / PAGE - 1));
}

int main(int argc, char **argv)
{
    mstr_context *context = bench_context(NULL);
    struct tiny_server *server = tiny_server_start(serve, NULL, NULL);
    csv = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < ROWS / PAGE; i++) {
        pages[i] = make_page(i * PAGE);
    }
    mstr_session *session = bench_session(context, tiny_server_url(server, "/api/"), "analyst", BENCH_PROJECT);
    measure(session, REPORT_ID, "a server that answers at once");
    mstr_session_free(session);
    if (argc > 1) { /* whose knob report_rows is set */
        session = bench_session(context, argv[1], "analyst", BENCH_PROJECT);
        measure(session, SIM_ID, "the simulator");
        mstr_session_free(session);
    }
    mstr_context_free(context);
    tiny_server_stop(server);
    for (int i = 0; i < ROWS / PAGE; i++) {
        free(pages[i]);
    }
    close(csv);
    return 0;
}
