/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How cost grows with work: processor time of 1 to 1,000 references, 1 to 64 threads, 1 to 10,000 sections of a
 * configuration, and 1 to 100,000 rows of a report of the simulator, whose knob report_rows is set. `growth_bench
 * BASE_URL` prints a line for each point, "SERIES N MICROSECONDS", and one for each series, "# SERIES slope S": that
 * of a straight line through the logarithms of the upper half, from the square root of the most, where what is paid
 * once counts least and all processors are taken. It fails where one is above 1.1: then something is looked up by
 * walking, or copied once more for each that comes.
 */
#include "bench.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#define STEEPEST  1.1
#define REPORT_ID "A000001211E943E8B5FB0080EFD5AF44"

enum { ROUNDS = 5, THREADS_MAX = 64, CALLS = 20000, REQUESTS = 20, REFERENCES_MAX = 1000 };

static const char *base_url;

/* Of all threads of this process, microseconds. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* --- what grows; each returns the processor time of its work alone ------------------------------------------------
 */

static double resolve_references(unsigned count)
{
    static char names[REFERENCES_MAX][32];
    static mstr_lookup lookups[REFERENCES_MAX];
    mstr_context *context = bench_context(NULL);
    for (unsigned i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "bench:secret/%u", i);
        lookups[i] = (mstr_lookup){.reference = names[i]};
    }
    double begin = now();
    mstr_context_get_many(context, lookups, count, sizeof(mstr_lookup), NULL);
    double spent = now() - begin;
    for (unsigned i = 0; i < count; i++) {
        need(lookups[i].code == MSTR_OK, "a reference");
        mstr_secret_release(lookups[i].secret);
    }
    mstr_context_free(context);
    return spent;
}

struct labour {
    mstr_context *context;
    mstr_session *session;
};

static void *labour(void *data)
{
    const struct labour *with = data;
    for (int i = 0; i < CALLS; i++) {
        mstr_secret *secret = NULL;
        need(mstr_context_get(with->context, "bench:secret", NULL, &secret, NULL) == MSTR_OK, "a cached value");
        mstr_secret_release(secret);
    }
    for (int i = 0; i < REQUESTS; i++) {
        mstr_response *response = NULL;
        need(mstr_session_get(with->session, "projects", &response, NULL) == MSTR_OK, "a request");
        mstr_response_free(response);
    }
    return NULL;
}

static double work_in_threads(unsigned count)
{
    pthread_t threads[THREADS_MAX];
    struct labour with = {bench_context(NULL), NULL};
    with.session = bench_session(with.context, base_url, "analyst", BENCH_PROJECT);
    double begin = now();
    for (unsigned i = 0; i < count; i++) {
        need(pthread_create(&threads[i], NULL, labour, &with) == 0, "a thread");
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    double spent = now() - begin;
    mstr_session_free(with.session);
    mstr_context_free(with.context);
    return spent;
}

static double read_sections(unsigned count)
{
    char path[] = "/tmp/mstr-growth-XXXXXX";
    mstr_secret *secret = NULL;
    int descriptor = mkstemp(path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    need(file != NULL, "the configuration");
    for (unsigned i = 0; i < count; i++) {
        fprintf(file, "[provider corp%u]\nplugin = aws\nregion = eu-west-1\nendpoint = https://corp%u.example/\n", i,
                i);
    }
    fclose(file);
    double begin = now();
    mstr_context *context = bench_context(path);
    need(mstr_context_get(context, "bench:secret", NULL, &secret, NULL) == MSTR_OK, "a value");
    mstr_secret_release(secret);
    mstr_context_free(context);
    double spent = now() - begin;
    unlink(path);
    return spent;
}

static double read_rows(unsigned count)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    mstr_table *table = NULL;
    unsigned rows = 0;
    int row = 1;
    mstr_context *context = bench_context(NULL);
    mstr_session *session = bench_session(context, base_url, "analyst", BENCH_PROJECT);
    request.object = REPORT_ID;
    request.limit = count;
    double begin = now();
    need(mstr_table_open(session, &request, &table, NULL) == MSTR_OK, "the table");
    while (row) {
        need(mstr_table_next(table, &row, NULL) == MSTR_OK, "a row");
        rows += row != 0;
    }
    double spent = now() - begin;
    need(rows == count, "the count of rows");
    mstr_table_free(table);
    mstr_session_free(session);
    mstr_context_free(context);
    return spent;
}

/* --- the series ----------------------------------------------------------------------------------------------------
 */

enum { POINTS_MAX = 16 };

struct series {
    const char *name;
    double (*work)(unsigned count);
    unsigned most;
};

/* The best of some rounds: what others do on the machine only adds. */
static double measure(const struct series *series, unsigned count)
{
    double best = HUGE_VAL;
    for (int round = 0; round < ROUNDS; round++) {
        double spent = series->work(count);
        best = spent < best ? spent : best;
    }
    return best;
}

static double slope_of(const double (*points)[2], size_t count)
{
    double x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < count; i++) {
        double log_n = log(points[i][0]);
        x += log_n;
        y += log(points[i][1]);
        xx += log_n * log_n;
        xy += log_n * log(points[i][1]);
    }
    return ((double)count * xy - x * y) / ((double)count * xx - x * x);
}

/* 1, 3, 10, 30 and so on; threads by powers of two. */
static unsigned next_count(const struct series *series, unsigned count)
{
    if (series->most == THREADS_MAX) {
        return count * 2;
    }
    return count % 3 == 0 ? count / 3 * 10 : count * 3;
}

static bool grow(const struct series *series)
{
    double points[POINTS_MAX][2];
    size_t count = 0;
    for (unsigned n = 1; n <= series->most && count < POINTS_MAX; n = next_count(series, n)) {
        double spent = measure(series, n);
        printf("%s\t%u\t%.1f\n", series->name, n, spent);
        fflush(stdout);
        if ((double)n * n >= series->most) {
            points[count][0] = n;
            points[count++][1] = spent;
        }
    }
    double slope = slope_of((const double(*)[2])points, count);
    printf("# %s slope %.2f\n\n\n", series->name, slope);
    return slope <= STEEPEST;
}

int main(int argc, char **argv)
{
    static const struct series all[] = {{"references", resolve_references, REFERENCES_MAX},
                                        {"threads", work_in_threads, THREADS_MAX},
                                        {"sections", read_sections, 10000},
                                        {"rows", read_rows, 100000}};
    bool good = true;
    need(argc == 2, "usage: growth_bench BASE_URL:");
    base_url = argv[1];
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        good = grow(&all[i]) && good;
    }
    return good ? 0 : 1;
}
