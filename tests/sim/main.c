/* SPDX-License-Identifier: Apache-2.0 */
/* mstr-sim: MicroStrategy REST and the secret stores that hold its credentials, on loopback, for tests and for trying
 * things. */
#include "core.h"

#include "base/text.h"
#include "mstr/version.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LISTENERS_MAX = 20, PORT_MAX = 65535 };

struct settings {
    const char *seed;
    const char *state_directory;
    const char *log_file;
    const char *ready_file;
    bool tls;
    bool demo;
    bool until_eof;
    struct {
        const char *name;
        unsigned port;
    } ports[LISTENERS_MAX];
    size_t port_count;
};

static struct sim_listener *listeners[LISTENERS_MAX];
static size_t listener_count;

static const char usage[] =
    "usage: mstr-sim [--demo] [--seed FILE] [--listen NAME=PORT]... [--tls] [--state-dir DIR]\n"
    "                [--log FILE] [--ready-file FILE] [--until-eof] [--help] [--version]\n"
    "--demo prints what to type to see each store work.\n"
    "NAME is mstr, aws, azure, gcp, k8s, vault, corp, one of them with -tls behind it,\n"
    "or admin.\n";

static bool parse_listen(struct settings *settings, char *argument)
{
    char *equals = strchr(argument, '=');
    int64_t port = -1;
    if (!equals || !text_to_int64(equals + 1, &port) || port < 0 || port > PORT_MAX ||
        settings->port_count == LISTENERS_MAX) {
        fprintf(stderr, "mstr-sim: --listen wants NAME=PORT, not %s\n", argument);
        return false;
    }
    *equals = '\0';
    settings->ports[settings->port_count].name = argument;
    settings->ports[settings->port_count++].port = (unsigned)port;
    return true;
}

/* True to go on; else *status is what the program ends with. */
static bool parse_options(int argc, char **argv, struct settings *settings, int *status)
{
    enum { SEED = 1, LISTEN, TLS, DEMO, STATE, LOG, READY, UNTIL_EOF, HELP, VERSION };
    static const struct option options[] = {{"seed", required_argument, NULL, SEED},
                                            {"listen", required_argument, NULL, LISTEN},
                                            {"tls", no_argument, NULL, TLS},
                                            {"demo", no_argument, NULL, DEMO},
                                            {"state-dir", required_argument, NULL, STATE},
                                            {"log", required_argument, NULL, LOG},
                                            {"ready-file", required_argument, NULL, READY},
                                            {"until-eof", no_argument, NULL, UNTIL_EOF},
                                            {"help", no_argument, NULL, HELP},
                                            {"version", no_argument, NULL, VERSION},
                                            {NULL, 0, NULL, 0}};
    int option;
    *status = EXIT_SUCCESS;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case SEED:
            settings->seed = optarg;
            break;
        case LISTEN:
            if (!parse_listen(settings, optarg)) {
                *status = 2;
                return false;
            }
            break;
        case TLS:
            settings->tls = true;
            break;
        case DEMO:
            settings->demo = settings->tls = true;
            break;
        case STATE:
            settings->state_directory = optarg;
            break;
        case LOG:
            settings->log_file = optarg;
            break;
        case READY:
            settings->ready_file = optarg;
            break;
        case UNTIL_EOF:
            settings->until_eof = true;
            break;
        case HELP:
            fputs(usage, stdout);
            return false;
        case VERSION:
            printf("mstr-sim %s\n", MSTR_VERSION);
            return false;
        default:
            fputs(usage, stderr);
            *status = 2;
            return false;
        }
    }
    if (optind < argc)
        fputs(usage, stderr);
    *status = optind < argc ? 2 : EXIT_SUCCESS;
    return optind == argc;
}

static bool start(const struct settings *settings, const struct sim_service *service,
                  const struct sim_certificates *tls, struct buffer *ready)
{
    char name[64];
    snprintf(name, sizeof(name), "%s%s", service ? service->name : "admin", tls ? "-tls" : "");
    unsigned port = 0;
    for (size_t i = 0; i < settings->port_count; i++)
        if (!strcmp(settings->ports[i].name, name))
            port = settings->ports[i].port;
    struct sim_listener *listener = sim_listener_start(service, port, tls);
    if (!listener)
        return false;
    listeners[listener_count++] = listener;
    return buffer_printf(ready, "%s %s:%u%s\n", name, tls ? "https://localhost" : "http://127.0.0.1",
                         sim_listener_port(listener), service ? service->root : "");
}

static bool start_tls(const struct settings *settings, struct buffer *ready)
{
    struct sim_certificates tls = {0};
    const char *directory = settings->state_directory ? settings->state_directory : ".";
    bool started = sim_certificates_make(directory, &tls);
    for (size_t i = 0; started && sim_services[i]; i++)
        started = start(settings, sim_services[i], &tls, ready);
    sim_certificates_release(&tls);
    return started && buffer_printf(ready, "ca %s/ca.pem\n", directory);
}

static bool start_all(const struct settings *settings, struct buffer *ready)
{
    for (size_t i = 0; sim_services[i]; i++)
        if (!start(settings, sim_services[i], NULL, ready))
            return false;
    return start(settings, NULL, NULL, ready) && (!settings->tls || start_tls(settings, ready)) &&
           buffer_puts(ready, "ready\n");
}

/* Under another name first, so that a reader never sees a part of it. */
static bool write_ready_file(const char *path, const struct buffer *ready)
{
    char temporary[4096];
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    FILE *file = fopen(temporary, "we");
    bool written = file && fwrite(ready->data, 1, ready->length, file) == ready->length;
    if (file && fclose(file) != 0)
        written = false;
    if (!written || rename(temporary, path) != 0) {
        perror(path);
        return false;
    }
    return true;
}

static void *watch_input(void *data)
{
    char waste[256];
    (void)data;
    while (read(STDIN_FILENO, waste, sizeof(waste)) > 0) {
    }
    sim_end();
    return NULL;
}

static bool prepare(const struct settings *settings)
{
    struct buffer why = BUFFER_INIT;
    bool loaded = sim_seed_load(settings->seed, &why);
    if (!loaded)
        fprintf(stderr, "mstr-sim: %s\n", buffer_text(&why));
    buffer_release(&why);
    return loaded && (!settings->log_file || sim_log_open(settings->log_file));
}

static bool watch_input_until_eof(void)
{
    pthread_t watcher;
    return pthread_create(&watcher, NULL, watch_input, NULL) == 0 && pthread_detach(watcher) == 0;
}

static bool run(const struct settings *settings, const sigset_t *endings)
{
    struct buffer ready = BUFFER_INIT;
    bool started = prepare(settings) && start_all(settings, &ready) && (!settings->demo || sim_demo_make(&ready)) &&
                   (!settings->ready_file || write_ready_file(settings->ready_file, &ready)) &&
                   (!settings->until_eof || watch_input_until_eof());
    if (started) {
        fputs(buffer_text(&ready), stdout);
        fflush(stdout);
        int signal_number = 0;
        sigwait(endings, &signal_number);
        sim_end();
    }
    buffer_release(&ready);
    sim_demo_end();
    while (listener_count > 0)
        sim_listener_stop(listeners[--listener_count]);
    sim_faults_clear();
    sim_seed_release();
    sim_knobs_clear();
    sim_counters_clear();
    sim_log_close();
    sim_authority_release();
    sim_issuer_release();
    return started;
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    int status;
    if (!parse_options(argc, argv, &settings, &status))
        return status;
    if (settings.demo && !(settings.state_directory = sim_demo_folder(settings.state_directory)))
        return EXIT_FAILURE;

    /* Blocked before any thread begins, so that sigwait() alone sees them. */
    sigset_t endings;
    sigemptyset(&endings);
    sigaddset(&endings, SIGTERM);
    sigaddset(&endings, SIGINT);
    sigaddset(&endings, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &endings, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return run(&settings, &endings) ? EXIT_SUCCESS : EXIT_FAILURE;
}
