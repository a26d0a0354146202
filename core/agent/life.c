/* SPDX-License-Identifier: Apache-2.0 */
/* The agent from its start to its end. */
#include "life.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/openssl.h"
#include "base/text.h"
#include "listener.h"
#include "memory.h"
#include "place.h"
#include "prefetch.h"
#include "reloading.h"
#include "routes.h"
#include "server.h"
#include "systemd.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* ms from the wish to end on. */
enum { NEW_ONES_UNTIL = 2000, REQUESTS_UNTIL = 8000, ALL_UNTIL = 10000 };
enum { API, TCP, SOCKETS };
/* Of the workers, several each, and of what is open all the time. */
enum { OWN_DESCRIPTORS = 256 };
/* As the host's unit says (units.c). */
enum { FIRST = -10 };

struct life {
    struct agent agent;
    struct listener listeners[SOCKETS];
    struct server *servers[SOCKETS];
    struct given given;
    unsigned connections;     /* that there are descriptors for */
    struct generation *first; /* whose settings the sockets get; NULL once they have them, lest it outlive a reload */
    int64_t idle;             /* ms without a request after which it ends; 0 = never */
    struct job prefetch;
    struct reloading reloading;
    int signals;
    int64_t watchdog; /* ms between two signs of life; 0 = none */
    int64_t told;
    int64_t ending; /* since when; 0 = not yet */
    bool quiet;     /* no new connections */
};

static enum mstr_code no_resources(mstr_error *error)
{
    return mstr_error_set(error, MSTR_E_MEMORY, "out of memory or descriptors");
}

/* As many as may be. How many connections they are for: the rest is the agent's own, lest nothing can be fetched. */
static unsigned raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return UINT_MAX;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    rlim_t own = limit.rlim_max / 2 < OWN_DESCRIPTORS ? limit.rlim_max / 2 : OWN_DESCRIPTORS;
    return limit.rlim_max - own < UINT_MAX ? (unsigned)(limit.rlim_max - own) : UINT_MAX;
}

/* Those whom it serves wait for its first word but a moment, and may be so many that they keep it from it. So it
 * comes before them where the system lets it, unless somebody has said already when its turn is. */
static void come_first(void)
{
    if (getpriority(PRIO_PROCESS, 0) == 0) {
        setpriority(PRIO_PROCESS, 0, FIRST);
    }
}

/* Whoever wants a reload while it begins gets it once it has begun. A log that may not become longer ends nobody. */
static void hold_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* Before any thread is there; until then nothing is there that an end could leave behind. */
static int take_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum mstr_code make_key(struct agent *agent, mstr_error *error)
{
    unsigned char octets[32];
    struct buffer text = BUFFER_INIT;
    bool good = clock_random(octets, sizeof(octets)) && hex_encode(&text, octets, sizeof(octets));
    if (good) {
        snprintf(agent->key, sizeof(agent->key), "%s", buffer_text(&text));
    }
    buffer_release(&text);
    mstr_wipe(octets, sizeof(octets));
    return good ? MSTR_OK : no_resources(error);
}

/* OpenSSL that had no memory to begin with, or to find its algorithms, never has them in this process: better told
 * now than with each secret. Where there is none, those tell it who need it. */
static enum mstr_code begin_openssl(mstr_error *error)
{
    const struct openssl *openssl = NULL;
    static const unsigned char key[32];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    enum mstr_code code = openssl_get(&openssl, error);
    if (code == MSTR_OK) {
        bool works = openssl->HMAC(openssl->EVP_sha256(), key, sizeof(key), key, 1, digest, &length) != NULL;
        return works ? MSTR_OK : no_resources(error);
    }
    if (code != MSTR_E_MEMORY) {
        mstr_error_clear(error);
        code = MSTR_OK;
    }
    return code;
}

/* Whatever does not depend on the sockets. */
static enum mstr_code make_agent(struct life *life, const struct options *options, mstr_error *error)
{
    struct agent *agent = &life->agent;
    if (begin_openssl(error) != MSTR_OK) {
        return MSTR_E_MEMORY;
    }
    agent->began = clock_now();
    agent->used = agent->started = clock_monotonic();
    agent->locked = memory_protect();
    enum mstr_code code = contexts_new(&options->context, &life->given, &agent->contexts, error);
    if (code != MSTR_OK) {
        return code;
    }
    life->first = contexts_hold(agent->contexts);
    const struct settings *settings = &life->first->settings;
    if (!agent->locked && settings->memory_locked) {
        return mstr_error_set(error, MSTR_E_CONFIG,
                              "memory = locked in [agent], but RLIMIT_MEMLOCK does not allow it");
    }
    if (!agent->locked) {
        agent_log(MSTR_LEVEL_WARN, "memory cannot be locked as a whole: RLIMIT_MEMLOCK is not unlimited");
    }
    life->signals = take_signals();
    agent->wakes = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    agent->quota = quota_new(life->connections);
    agent->recent = recent_new();
    agent->metrics = metrics_new();
    agent->cancel = mstr_cancel_new();
    agent->workers = workers_new(settings->workers, settings->instance_workers);
    agent->senders = workers_new(settings->workers, settings->session_requests);
    contexts_end_on(agent->contexts, agent->workers);
    agent->sessions = sessions_new(agent->contexts);
    agent->client_tokens = client_tokens_new();
    bool good = life->signals >= 0 && agent->wakes >= 0 && agent->quota != NULL && agent->recent != NULL &&
                agent->metrics != NULL && agent->cancel != NULL && agent->workers != NULL && agent->senders != NULL &&
                agent->sessions != NULL && agent->client_tokens != NULL;
    return good ? make_key(agent, error) : no_resources(error);
}

static enum mstr_code open_api(struct life *life, mstr_error *error)
{
    const struct settings *settings = &life->first->settings;
    struct buffer path = BUFFER_INIT;
    bool shared = settings->rules.user_count > 0 || settings->rules.group_count > 0;
    enum mstr_code code =
        place_find(life->given.socket, environment_get("MSTR_AGENT"), settings->socket, &path, error);
    if (code == MSTR_OK) {
        code = listener_open(buffer_text(&path), shared, &life->listeners[API], error);
    }
    buffer_release(&path);
    return code;
}

/* Before the settings are read, which have to be narrow where there is one of TCP. */
static enum mstr_code take_sockets(struct life *life, mstr_error *error)
{
    struct listener *tcp = &life->listeners[TCP];
    enum mstr_code code = systemd_sockets(&life->listeners[API].fd, &tcp->fd, error);
    life->given.tcp = tcp->fd >= 0;
    tcp->port = life->given.tcp ? listener_loopback_port(tcp->fd) : 0;
    if (code == MSTR_OK && life->given.tcp && tcp->port == 0) {
        code = mstr_error_set(error, MSTR_E_CONFIG,
                              "systemd handed over a TCP socket that is not on 127.0.0.1 or [::1] alone");
    }
    return code;
}

/* Those that systemd has not handed over. */
static enum mstr_code open_sockets(struct life *life, mstr_error *error)
{
    const struct settings *settings = &life->first->settings;
    struct listener *tcp = &life->listeners[TCP];
    enum mstr_code code = life->listeners[API].fd < 0 ? open_api(life, error) : MSTR_OK;
    if (code == MSTR_OK && tcp->fd < 0 && settings->listen != NULL) {
        code = listener_open_tcp(settings->listen, tcp, error);
    }
    if (code == MSTR_OK && tcp->fd >= 0) {
        code = settings->token_file != NULL
                   ? token_open(settings->token_file, &life->agent.token, error)
                   : mstr_error_set(error, MSTR_E_CONFIG, "to listen on TCP the agent needs a token_file");
    }
    return code;
}

static enum mstr_code make_servers(struct life *life, mstr_error *error)
{
    const struct settings *settings = &life->first->settings;
    struct server_hooks hooks = routes_hooks;
    const struct server_limits limits = {settings->quota.connections, settings->header_octets, settings->head_timeout,
                                         settings->connection_idle, settings->write_stall};
    hooks.data = &life->agent;
    for (size_t i = 0; i < SOCKETS; i++) {
        struct listener *listener = &life->listeners[i];
        if (listener->fd >= 0) {
            life->servers[i] = server_new(listener->fd, listener->port, &limits, &hooks);
            if (life->servers[i] == NULL) {
                return no_resources(error);
            }
        }
    }
    return MSTR_OK;
}

static void begin_end(struct life *life)
{
    if (life->ending == 0) {
        life->ending = clock_monotonic();
        life->agent.draining = true;
        systemd_notify("STOPPING=1");
    }
}

static void heed(struct life *life)
{
    struct signalfd_siginfo signal;
    uint64_t woken = 0;
    (void)!read(life->agent.wakes, &woken, sizeof(woken));
    if (life->agent.stop) {
        begin_end(life);
    }
    while (read(life->signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal)) {
        if (signal.ssi_signo != SIGHUP) {
            begin_end(life);
        } else if (life->ending == 0) {
            reloading_begin(&life->reloading);
        }
    }
    if (life->ending == 0) {
        reloading_go_on(&life->reloading);
    }
}

static unsigned busy(const struct life *life)
{
    unsigned busy = 0;
    for (size_t i = 0; i < SOCKETS; i++) {
        busy += life->servers[i] != NULL ? server_busy(life->servers[i]) : 0;
    }
    return busy;
}

static void be_quiet(struct life *life)
{
    life->quiet = true;
    for (size_t i = 0; i < SOCKETS; i++) {
        if (life->servers[i] != NULL) {
            server_drain(life->servers[i]);
        }
    }
}

/* True once it is over. */
static bool go_on_ending(struct life *life)
{
    int64_t since = clock_monotonic() - life->ending;
    if (since >= NEW_ONES_UNTIL && !life->quiet) {
        be_quiet(life);
    }
    if (since >= REQUESTS_UNTIL) {
        mstr_cancel_now(life->agent.cancel);
        for (size_t i = 0; i < SOCKETS; i++) {
            if (life->servers[i] != NULL) {
                server_give_up(life->servers[i]);
            }
        }
    }
    return (life->quiet && busy(life) == 0) || since >= ALL_UNTIL;
}

static bool has_been_idle(const struct life *life)
{
    return life->idle > 0 && quota_connections(life->agent.quota) == 0 &&
           clock_monotonic() - life->agent.used >= life->idle;
}

static void tell_watchdog(struct life *life)
{
    int64_t now = clock_monotonic();
    if (life->watchdog > 0 && now - life->told >= life->watchdog) {
        life->told = now;
        systemd_notify("WATCHDOG=1");
    }
}

/* ms until something is to be done without anybody's doing; -1 = never. */
static int patience(const struct life *life)
{
    int64_t least = life->ending != 0 ? 50 : -1;
    const int64_t others[] = {life->watchdog > 0 ? life->watchdog / 2 + 1 : -1,
                              life->idle > 0 ? life->idle / 4 + 1 : -1,
                              life->servers[API] != NULL ? server_patience(life->servers[API]) : -1,
                              life->servers[TCP] != NULL ? server_patience(life->servers[TCP]) : -1};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (others[i] >= 0 && (least < 0 || others[i] < least)) {
            least = others[i];
        }
    }
    return (int)least;
}

static void serve(struct life *life)
{
    struct pollfd polled[] = {
        {.fd = life->signals, .events = POLLIN},
        {.fd = life->agent.wakes, .events = POLLIN},
        {.fd = life->servers[API] != NULL ? server_descriptor(life->servers[API]) : -1, .events = POLLIN},
        {.fd = life->servers[TCP] != NULL ? server_descriptor(life->servers[TCP]) : -1, .events = POLLIN}};
    do {
        if (poll(polled, sizeof(polled) / sizeof(*polled), patience(life)) < 0 && errno != EINTR) {
            agent_log(MSTR_LEVEL_ERROR, "poll: %s", strerror(errno));
            begin_end(life);
        }
        heed(life);
        for (size_t i = 0; i < SOCKETS; i++) {
            if (life->servers[i] != NULL) {
                server_run(life->servers[i]);
            }
        }
        tell_watchdog(life);
        if (life->ending == 0 && has_been_idle(life)) {
            begin_end(life);
        }
    } while (life->ending == 0 || !go_on_ending(life));
}

static void release(struct life *life)
{
    struct agent *agent = &life->agent;
    if (agent->cancel != NULL) {
        mstr_cancel_now(agent->cancel);
    }
    if (agent->contexts != NULL) {
        contexts_end_on(agent->contexts, NULL);
    }
    workers_free(agent->workers);
    workers_free(agent->senders);
    for (size_t i = 0; i < SOCKETS; i++) {
        server_free(life->servers[i]);
        listener_close(&life->listeners[i]);
    }
    sessions_free(agent->sessions);
    client_tokens_free(agent->client_tokens);
    if (agent->contexts != NULL) {
        contexts_let_go(agent->contexts, life->first);
        contexts_free(agent->contexts);
    }
    mstr_cancel_free(agent->cancel);
    metrics_free(agent->metrics);
    recent_free(agent->recent);
    quota_free(agent->quota);
    token_release(&agent->token);
    mstr_wipe(agent->key, sizeof(agent->key));
    if (agent->wakes >= 0) {
        close(agent->wakes);
    }
    if (life->signals >= 0) {
        close(life->signals);
    }
}

/* All is there: whoever started it may go on, before anything is fetched. */
static void begin(struct life *life)
{
    const struct settings *settings = &life->first->settings;
    life->watchdog = systemd_watchdog();
    life->idle = settings->idle;
    life->prefetch = (struct job){.run = prefetch_run, .data = &life->agent};
    systemd_notify("READY=1");
    if (settings->prefetch != NULL) {
        workers_put(life->agent.workers, &life->prefetch);
    }
    contexts_let_go(life->agent.contexts, life->first);
    life->first = NULL;
}

enum mstr_code life_run(const struct options *options, mstr_error *error)
{
    struct life life = {
        .listeners = {LISTENER_INIT, LISTENER_INIT}, .signals = -1, .agent.wakes = -1, .given = options->given};
    life.reloading.agent = &life.agent;
    hold_signals();
    agent_log_level(options->context.log_level);
    life.connections = raise_descriptors();
    come_first();
    enum mstr_code code = take_sockets(&life, error);
    code = code == MSTR_OK ? make_agent(&life, options, error) : code;
    code = code == MSTR_OK ? open_sockets(&life, error) : code;
    code = code == MSTR_OK ? make_servers(&life, error) : code;
    if (code == MSTR_OK) {
        begin(&life);
        serve(&life);
        if (busy(&life) > 0) { /* somebody does not heed the cancellation */
            listener_close(&life.listeners[API]);
            _exit(0);
        }
    }
    release(&life);
    return code;
}
