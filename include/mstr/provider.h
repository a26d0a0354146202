/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file provider.h
 * @brief Everything the author of a credential provider needs: the plugin ABI, version 1.4.
 * @defgroup mstr_provider Writing a provider
 * @{
 *
 * A provider fetches secrets from one kind of store. It is a shared object that exports the single symbol
 * mstr_provider_entry(), or a structure that a program registers with mstr_context_register(). This header includes
 * only the C standard library, and a plugin links nothing of libmstr: every service that the host offers is a member
 * of the table @ref mstr_host that the entry point receives.
 *
 * **Growth.** Every structure that crosses the boundary begins with its size. Later minor versions only append
 * members; use MSTR_HAS() before reading a member that ABI 1.0 did not have. The major version must be equal. A
 * plugin that cannot do without a later member looks for it in mstr_provider::create, keeps to what 1.0 had until
 * then, and fails there with a sentence by mstr_host::error_set: the entry point has nowhere to say why.
 *
 * **Ownership.** Memory crosses the boundary in one direction only. Pointers handed to the plugin live until the call
 * returns, unless their description says otherwise; values are copied into host-owned secret memory by
 * mstr_host::set_value, so the plugin wipes and frees its own copy. Nobody frees the other side's pointer, but for
 * what a service gives explicitly, together with the service that frees it.
 *
 * **Texts** are UTF-8 and end with a NUL; what may hold NULs comes with its length in octets. Times are milliseconds.
 *
 * **Other languages.** The macros here spare typing and are needed by nobody. No service needs variable arguments:
 * the three that take them have a twin with `plain` in its name.
 *
 * **Threads.** With ::MSTR_PROVIDER_THREAD_SAFE the host may call resolve, explain and invalidate of one instance
 * from several threads at once, and destroy several instances at once; without it the host calls them one at a time.
 * create and destroy never run beside another call on the same instance. Host services may be called from any
 * thread, but those that take a call only until that call returns. The host holds no lock while it calls a plugin,
 * but for its entry point. Threads of its own have every signal blocked: a program that a plugin starts is to have a
 * mask of its own.
 *
 * **Process state.** errno, locale, signal mask, umask, environment and working directory belong to the program. A
 * plugin stays loaded until the process ends.
 */
#ifndef MSTR_PROVIDER_H
#define MSTR_PROVIDER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a host and its plugins must have in common. */
#define MSTR_ABI_MAJOR 1u
/** 1.1 appended mstr_host::prompt; 1.2 what follows it, and the ends of mstr_meta and mstr_http_request; 1.3
 *  mstr_provider::check; 1.4 mstr_host::trust and mstr_host::trust_free. */
#define MSTR_ABI_MINOR 4u

/** Nonzero if @p member lies within the size that the structure's maker wrote into it. */
#define MSTR_HAS(pointer, type, member)                                                                              \
    ((pointer)->size >= (uint32_t)(offsetof(type, member) + sizeof((pointer)->member)))

#if defined(__GNUC__)
/** Has the compiler look at the arguments of a format, which is that of printf. */
#define MSTR_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
/** Marks what a plugin shows to the host. */
#define MSTR_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define MSTR_PRINTF(format_index, first)
#define MSTR_PLUGIN_EXPORT
#endif

/**
 * Why something failed, in classes that decide what the caller can do about it. Programs and plugins share them.
 * "Passing" failures (throttled, unavailable service, network, timeout) may be retried and may be bridged by a cached
 * value; the others are final.
 */
enum mstr_code {
    MSTR_OK = 0,
    MSTR_E_UNEXPECTED = 1,     /**< a condition nobody foresaw; the message tells all that is known */
    MSTR_E_MEMORY = 2,         /**< out of memory */
    MSTR_E_USAGE = 3,          /**< the caller passed arguments that cannot be served */
    MSTR_E_CONFIG = 4,         /**< configuration or reference that is malformed or incomplete */
    MSTR_E_NOT_FOUND = 5,      /**< the store answered: no such secret, version, field or resource */
    MSTR_E_NOT_AVAILABLE = 6,  /**< this provider cannot work here: no identity of its kind, not on this cloud */
    MSTR_E_DENIED = 7,         /**< identity known, access or privilege refused */
    MSTR_E_AUTHENTICATION = 8, /**< identity refused: wrong secret, expired token, login failed */
    MSTR_E_SESSION = 9,        /**< no session, or the session expired */
    MSTR_E_NETWORK = 10,       /**< name resolution, connection, reset or truncated answer; passing */
    MSTR_E_TLS = 11,           /**< the peer could not be verified */
    MSTR_E_TIMEOUT = 12,       /**< the deadline ended first; passing */
    MSTR_E_CANCELLED = 13,     /**< cancelled by the caller */
    MSTR_E_THROTTLED = 14,     /**< too many requests, also after retries; passing */
    MSTR_E_UNAVAILABLE = 15,   /**< the service failed on its side, also after retries; passing */
    MSTR_E_PROTOCOL = 16,      /**< an answer that does not follow the service's protocol */
    MSTR_E_PLUGIN = 17,        /**< a plugin cannot be loaded or broke its contract */
    MSTR_E_EXISTS = 18,        /**< the object exists already */
    MSTR_E_REQUEST = 19,       /**< the service refused the request as invalid */
    MSTR_E_SERVER = 20,        /**< another error that the MicroStrategy server reported */
    MSTR_E_ISERVER = 21        /**< the Intelligence Server behind it failed, or refused for a reason of its own */
};

/** Levels of log messages, most severe first. */
enum mstr_level {
    MSTR_LEVEL_ERROR = 0,
    MSTR_LEVEL_WARN = 1,
    MSTR_LEVEL_INFO = 2,
    MSTR_LEVEL_DEBUG = 3,
    MSTR_LEVEL_TRACE = 4
};

/* Opaque to a plugin; it passes them back to the host's services. */
struct mstr_error;
struct mstr_report;
struct mstr_http_response;

/** One `key=value` of a reference's query, percent-decoded. */
struct mstr_query {
    const char *key;   /**< never empty */
    const char *value; /**< may be empty, need not be UTF-8 */
};

/**
 * A reference in parts. The field after `#` is not among them: the host selects fields, so that all fields of a
 * secret share one fetch.
 */
struct mstr_reference {
    uint32_t size;                  /**< of the structure, octets */
    uint32_t query_count;           /**< of query */
    const char *text;               /**< as written, without field; not secret, fit for messages */
    const char *scheme;             /**< name of the provider instance */
    const char *body;               /**< percent-decoded; never empty, holds no NUL, need not be UTF-8 */
    const struct mstr_query *query; /**< NULL where there is none */
};

/** What the caller allows for one call of resolve, explain or a host service. */
struct mstr_call {
    uint32_t size;        /**< of the structure, octets */
    uint32_t reserved;    /**< 0 */
    int64_t deadline;     /**< mstr_host::monotonic() time, in ms, past which nothing may block */
    const char *trace_id; /**< hex digits that tie log lines and requests of one operation together */
};

/** The caller wants the store's present value: a provider's own cache of values must be passed over. */
#define MSTR_REQUEST_REFRESH 1u

/** One secret wanted. Answer it with exactly one of mstr_host::set_value or mstr_host::set_error. */
struct mstr_request {
    uint32_t size;                          /**< of the structure, octets */
    uint32_t flags;                         /**< MSTR_REQUEST_… */
    const struct mstr_reference *reference; /**< what is wanted */
    struct mstr_error *error;               /**< for mstr_host::error_detail after mstr_host::set_error */
};

/** The value must be neither cached nor served again. */
#define MSTR_META_NO_CACHE 1u

/** What is known of a value. Zero means unknown throughout. */
struct mstr_meta {
    uint32_t size;            /**< of the structure, octets */
    uint32_t flags;           /**< MSTR_META_… */
    int64_t expires;          /**< the store's own end of validity, ms since 1970 */
    const char *version;      /**< the store's name for this version */
    const char *content_type; /**< media type, where the store keeps one */

    /** Since ABI 1.2. Who read the value: an opaque text of at most 64 octets, such as a digest over the account and
     *  the user or role; never a credential itself. Two identities never give the same one; a single one may give
     *  another with each renewal, which costs a fetch at most. It is for whoever reads for several: a value is handed
     *  only to those who would have read it as the same identity. NULL = this process itself, by its user id,
     *  environment, files and configuration, so that everybody whom it serves might have read the value as well. */
    const char *identity;
    /** Since ABI 1.2. What to do about a null in the value, for whoever wants a field that is one; NULL = nothing is
     *  known of it. At most 512 octets, free of secrets. */
    const char *null_hint;
};

/** One configured use of a provider: a built-in scheme, or a [provider NAME] section. Lives as long as the instance.
 */
struct mstr_instance {
    uint32_t size;       /**< of the structure, octets */
    uint32_t reserved;   /**< 0 */
    const char *name;    /**< the scheme that references begin with */
    const char *service; /**< which of mstr_provider::services it serves; NULL where there is none */
};

/** Types of options; the host checks values before create is called. */
enum mstr_option_type {
    MSTR_OPTION_STRING = 0,
    MSTR_OPTION_INTEGER = 1,  /**< decimal, fits int64_t */
    MSTR_OPTION_BOOLEAN = 2,  /**< yes, no, true, false, on, off, 1, 0; handed over as "yes" or "no" */
    MSTR_OPTION_DURATION = 3, /**< 250ms, 30s, 5m, 1h, bare seconds; handed over as a count of ms */
    MSTR_OPTION_URL = 4,      /**< absolute http or https URL without user information */
    MSTR_OPTION_PATH = 5,     /**< absolute path; a leading ~/ is expanded */
    MSTR_OPTION_SECRET = 6    /**< as string, but never shown */
};

/** The option must be present. */
#define MSTR_OPTION_REQUIRED 1u

/** One option of a provider's section. An array of them ends with a NULL name. */
struct mstr_option {
    const char *name;           /**< the key in its section */
    enum mstr_option_type type; /**< what its value may be */
    uint32_t flags;             /**< MSTR_OPTION_REQUIRED, or 0 */
    const char *default_value;  /**< NULL for none */
    const char *help;           /**< one line, for `mstr providers` */
};

/** A name and value, as in a header or a form. */
struct mstr_header {
    const char *name;  /**< of the header, field or option */
    const char *value; /**< what is in it */
};

/** Do not use a proxy, whatever the configuration says. Set it for metadata services. */
#define MSTR_HTTP_NO_PROXY 1u
/** Plain http to a host other than loopback is meant; without it such a URL is refused. */
#define MSTR_HTTP_ALLOW_PLAIN 2u
/** Send one attempt even where the host would retry a broken kept-alive connection. */
#define MSTR_HTTP_SINGLE_SHOT 4u

/**
 * One HTTP request. The host adds Host, Content-Length and, if none is given, User-Agent; it follows no redirect and
 * retries nothing except a request on a kept-alive connection which the server had closed before it answered.
 */
struct mstr_http_request {
    uint32_t size;                     /**< of the structure, octets */
    uint32_t flags;                    /**< MSTR_HTTP_… */
    const char *method;                /**< GET, POST, … */
    const char *url;                   /**< absolute; path and query are sent as they are */
    const struct mstr_header *headers; /**< NULL for none */
    size_t header_count;               /**< of headers */
    const void *body;                  /**< NULL for none */
    size_t body_length;                /**< octets of body */
    size_t response_limit;   /**< octets of the answer's body that are accepted; 0 = 1 MiB, which is also the most for
                                  what is no success (status 200 to 299) */
    int64_t connect_timeout; /**< ms; 0 = the host's */
    int64_t timeout;         /**< ms for the whole exchange, within the call's deadline; 0 = the deadline alone */
    const char *ca_file;     /**< PEM bundle used in place of the host's; NULL = the host's */
    const char *ca_pem;      /**< the same as text; wins over ca_file */
    const char *client_cert_file; /**< PEM; NULL = none */
    const char *client_key_file;  /**< PEM; NULL = client_cert_file */
    const char *tls_server_name;  /**< name to ask for and verify in place of the URL's; NULL = the URL's */
    const char *leaf_sha1;        /**< 40 hex digits: trust exactly the leaf certificate of this SHA-1, no chain */
    const char *connect_address;  /**< numeric address to connect to in place of resolving the URL's host */

    /* Since ABI 1.2. */
    const char *client_cert_pem; /**< the client certificate as PEM text, with those that lead to its authority; wins
                                      over client_cert_file */
    const char *client_key_pem;  /**< its key; NULL = client_cert_pem */
    const char *proxy;           /**< URL of the proxy to use for every host; "" = none, NULL = the host's */
};

/** The parts of an answer, valid until mstr_host::http_free. The body is held in secret memory and NUL-terminated. */
struct mstr_http_answer {
    uint32_t size;      /**< of the structure, octets */
    int32_t status;     /**< 100 to 599 */
    const char *body;   /**< "" where there is none */
    size_t body_length; /**< octets of body, without the NUL */
    int64_t sent;       /**< wall clock when the request was sent, ms since 1970 */
    int64_t received;   /**< wall clock when the answer was complete, ms since 1970 */
    const char *peer;   /**< numeric address of the peer */
};

/** One request of several that mstr_host::http_many runs side by side. */
struct mstr_http_exchange {
    uint32_t size;                           /**< of the structure, octets */
    enum mstr_code code;                     /**< out */
    const struct mstr_http_request *request; /**< in */
    struct mstr_http_response *response;     /**< out; NULL unless code is MSTR_OK */
    struct mstr_error *error;                /**< in: where to tell a failure; NULL = nowhere */
};

/** Since ABI 1.4. The certificates of those whom TLS trusts: all of both places. */
struct mstr_trust {
    uint32_t size;     /**< of the structure, octets */
    uint32_t reserved; /**< 0 */
    char *pem;         /**< PEM text; NULL = none */
    size_t pem_length; /**< of it, without the NUL behind */
    char *folders;     /**< folders of certificates by hashed names, separated by `:`; NULL = none */
};

/** Kinds of detail that an error keeps beside its message. */
enum mstr_detail {
    MSTR_DETAIL_STEP = 0,         /**< step of a chain, e.g. "IMDS" */
    MSTR_DETAIL_SERVICE_CODE = 1, /**< the service's own code */
    MSTR_DETAIL_REQUEST_ID = 2,   /**< the service's id of the request */
    MSTR_DETAIL_HINT = 3          /**< what the user can do */
};

/** What became of one step of a credential chain, for mstr_host::report_step. */
enum mstr_step {
    MSTR_STEP_USED = 0,    /**< it gave what was wanted */
    MSTR_STEP_SKIPPED = 1, /**< not configured here */
    MSTR_STEP_FAILED = 2,  /**< tried, and failed */
    MSTR_STEP_INFO = 3     /**< a fact worth showing, such as the region */
};

/** The host's services. Static storage: a plugin keeps the pointer. */
struct mstr_host {
    uint32_t abi_major;  /**< MSTR_ABI_MAJOR of the host */
    uint32_t abi_minor;  /**< MSTR_ABI_MINOR of the host */
    uint32_t size;       /**< of the structure, octets */
    uint32_t reserved;   /**< 0 */
    const char *version; /**< libmstr's version, for User-Agent texts */

    /* Unless a member says otherwise, it may be called from any thread at any time, an error may be NULL and other
     * pointers are not, and texts that it gives live as long as what they were asked of. */

    /** @p length octets (0 is accepted) of zeroed memory that is locked where the limits allow, left out of core
     * dumps, wiped by secret_free. NULL when there is none. */
    void *(*secret_alloc)(size_t length);
    /** Wipes and frees; NULL is accepted. */
    void (*secret_free)(void *memory);

    /** Wall clock, ms since 1970. */
    int64_t (*now)(void);
    /** A clock that never jumps, ms. */
    int64_t (*monotonic)(void);
    /** Fills @p buffer with @p length unpredictable octets. Returns 0 on success. */
    int (*random)(void *buffer, size_t length);

    /** Nonzero if messages of @p level are kept, so that costly ones can be left unbuilt. */
    int (*log_enabled)(enum mstr_level level);
    /** Logs one line of printf's @p format, without a newline. Never pass secrets: the host redacts only what it
     * knows of. */
    void (*log)(const struct mstr_instance *instance, enum mstr_level level, const char *format, ...)
        MSTR_PRINTF(3, 4);

    /** The checked value of an option, its default, or NULL. Lives as long as the instance. */
    const char *(*option)(const struct mstr_instance *instance, const char *name);
    /** An environment variable, or NULL when unset, and always in a set-user-id program. An empty one is "". */
    const char *(*environment)(const char *name);

    /** Milliseconds until the call's deadline, 0 when it has passed. */
    int64_t (*remaining)(const struct mstr_call *call);
    /** Nonzero once the caller has cancelled. */
    int (*cancelled)(const struct mstr_call *call);
    /** Sleeps so many ms; ends early with MSTR_E_CANCELLED, and at once with MSTR_E_TIMEOUT if the deadline would end
     *  first. */
    enum mstr_code (*sleep)(const struct mstr_call *call, int64_t milliseconds);

    /** Sends one request. On success @p response is set, whatever the status; free it with http_free. An answer of
     *  status 400 and above holds `(hidden)` in place of what it repeats of the request's secrets: credentials in
     *  headers, tokens, passwords and the like in the query and in a body of form fields or JSON. @p error may be
     *  NULL. Fails with MSTR_E_NETWORK, _TLS, _TIMEOUT, _CANCELLED, _PROTOCOL (answer over the limit or malformed),
     *  _CONFIG (URL refused), _MEMORY. */
    enum mstr_code (*http)(const struct mstr_call *call, const struct mstr_http_request *request,
                           struct mstr_http_response **response, struct mstr_error *error);
    /** Sends @p count requests at once and returns when all have ended; each tells its own fate, as http does. */
    void (*http_many)(const struct mstr_call *call, struct mstr_http_exchange *exchanges, size_t count);
    /** The answer's parts. */
    const struct mstr_http_answer *(*http_answer)(const struct mstr_http_response *response);
    /** The first header of that name, without regard to case, or NULL. */
    const char *(*http_header)(const struct mstr_http_response *response, const char *name);
    /** Wipes and frees; NULL is accepted. */
    void (*http_free)(struct mstr_http_response *response);

    /** Answers a request with a copy of @p length octets, at most 16 MiB. @p meta may be NULL. Returns 0, or nonzero
     *  when the request was answered before, which then stands, or with an error in its place where memory ran out or
     *  a length is beyond what is allowed. */
    int (*set_value)(struct mstr_request *request, const void *value, size_t length, const struct mstr_meta *meta);
    /** Answers a request with a failure. Never put secrets into the message: the host takes out only what the plugin
     *  sent as secrets in this call, and the values it gave. The arguments may be texts of the request's own
     *  error. */
    void (*set_error)(struct mstr_request *request, enum mstr_code code, const char *format, ...) MSTR_PRINTF(3, 4);
    /** Fills an error that create, explain or http received; @p error may be NULL. Returns @p code. */
    enum mstr_code (*error_set)(struct mstr_error *error, enum mstr_code code, const char *format, ...)
        MSTR_PRINTF(3, 4);
    /** Adds a detail; NULL and empty texts are passed over, and so is a NULL error. */
    void (*error_detail)(struct mstr_error *error, enum mstr_detail detail, const char *text);
    /** The code that an error holds, for quoting it; MSTR_OK without one. */
    enum mstr_code (*error_code)(const struct mstr_error *error);
    /** The message that an error holds; "" without one. */
    const char *(*error_message)(const struct mstr_error *error);
    /** A detail that an error holds; NULL without one. */
    const char *(*error_text)(const struct mstr_error *error, enum mstr_detail detail);
    /** A blank error for a plugin's own use, e.g. to try a step without failing the request; NULL without memory. */
    struct mstr_error *(*error_new)(void);
    /** Frees what error_new gave. */
    void (*error_free)(struct mstr_error *error);
    /** Makes @p to tell what @p from tells. Either may be NULL. */
    void (*error_copy)(struct mstr_error *to, const struct mstr_error *from);

    /** Adds a line to a report, from the thread in which explain runs: what step @p name came to within so many ms.
     *  @p detail says why or what, @p hint what to do; both may be NULL, and are free of secrets. */
    void (*report_step)(struct mstr_report *report, enum mstr_step outcome, const char *name, const char *detail,
                        const char *hint, int64_t milliseconds);

    /** Since ABI 1.1. Asks whoever sits before the program for a short text that only a person can give, such as an
     *  MFA code; @p question is one line without a colon at its end. The answer is written with its NUL into @p
     * answer, which is the plugin's own, best from secret_alloc; it is "" unless the call succeeds. Fails with
     *  MSTR_E_NOT_AVAILABLE when the program has nobody to ask, _TIMEOUT, _CANCELLED, or as the program says. Ask
     *  only when about to use the answer: people are slow, and do not like to be asked twice. */
    enum mstr_code (*prompt)(const struct mstr_call *call, const char *question, char *answer, size_t size,
                             struct mstr_error *error);

    /* All that follows: since ABI 1.2. */

    /** Encodes one segment of a URL's path, or one key or value of its query: all octets but letters, digits and
     *  `-._~` become %XX (RFC 3986, 2.1 to 2.3), "/" among them, so that a name from a reference stays one name.
     *  Writes it with its NUL into @p out of @p size octets, the plugin's own; three for each octet and one more are
     *  always enough. MSTR_E_CONFIG, with @p out "", where it does not fit, where it is empty, and where "." or ".."
     *  stands by itself between its ends and slashes: no encoding keeps all servers from taking that for a step. */
    enum mstr_code (*uri_encode)(const char *segment, size_t length, char *out, size_t size,
                                 struct mstr_error *error);
    /** Copies one value out of a JSON text of @p length octets, by a JSON Pointer (RFC 6901) or, without its leading
     *  "/", by the key of a top-level object: a string's text, or anything else as compact JSON, digits unchanged.
     *  Nothing of the text is left anywhere else. @p text has a NUL behind it and is freed with secret_free; it is
     *  NULL on failure. @p text_length, its octets without that NUL, may be NULL. MSTR_E_PROTOCOL when the text is no
     *  JSON (RFC 8259, UTF-8, at most 64 levels); _NOT_FOUND when it holds no such value, or null; _CONFIG for a
     *  malformed pointer; _MEMORY. */
    enum mstr_code (*json_text)(const char *json, size_t length, const char *pointer, char **text,
                                size_t *text_length, struct mstr_error *error);

    /** log with a text in place of a format: what is in it is told as it is. */
    void (*log_plain)(const struct mstr_instance *instance, enum mstr_level level, const char *text);
    /** error_set with such a text. */
    enum mstr_code (*error_set_plain)(struct mstr_error *error, enum mstr_code code, const char *text);
    /** set_error with such a text. */
    void (*set_error_plain)(struct mstr_request *request, enum mstr_code code, const char *text);

    /** Reads a file that only holds data, such as a token: a regular file or a pipe of at most @p limit octets, and
     *  never more than 16 MiB, by its absolute path; links are followed, whoever may write what they lead to.
     *  @p content has a NUL behind it and is freed with secret_free; it is NULL on failure. @p length, its octets
     *  without that NUL, may be NULL. @p call bounds the wait for a pipe; NULL, as in create, does not wait.
     *  MSTR_E_NOT_FOUND when there is none; _DENIED; _CONFIG for another kind of file, one over the limit, or a
     *  relative path; _TIMEOUT, _CANCELLED, _UNEXPECTED, _MEMORY. */
    enum mstr_code (*read_file)(const struct mstr_call *call, const char *path, size_t limit, char **content,
                                size_t *length, struct mstr_error *error);
    /** The same for a file that decides what happens, such as one that names programs or servers: MSTR_E_CONFIG also
     *  where anybody but root and the user could have written the file, a folder above it or a link on its way; the
     *  error's hint tells what mends it. With a NULL @p content nothing is read, and the file is judged as a program
     *  that is about to be run: it need not be readable, and its own folder must be nobody else's. */
    enum mstr_code (*read_trusted_file)(const struct mstr_call *call, const char *path, size_t limit, char **content,
                                        size_t *length, struct mstr_error *error);

    /** Gets a token by which somebody else vouches for the program, for an identity that is federated, from the
     * program itself. It is written with its NUL into @p token of @p size octets, best from secret_alloc, which is ""
     * unless the call succeeds. Fails with MSTR_E_NOT_AVAILABLE when the program has none, or as the program says. */
    enum mstr_code (*subject_token)(const struct mstr_call *call, const char *audience, const char *type, char *token,
                                    size_t size, struct mstr_error *error);

    /** Begins a call of the plugin's own, for what it has to say when nobody has called, which is in
     *  mstr_provider::destroy: giving a token back, say. It lasts @p milliseconds at most, for which the program
     *  waits where it ends; so keep them few. NULL without memory. To be ended with call_end. */
    const struct mstr_call *(*call_begin)(const struct mstr_instance *instance, int64_t milliseconds);
    /** Ends such a call; NULL is accepted. */
    void (*call_end)(const struct mstr_call *call);

    /** Since ABI 1.4. Whom TLS trusts, for who speaks it without http. @p ca_file is the setting of one's own, NULL =
     *  there is none; the rest of the rule is the host's. @p trust is filled in, to be freed with trust_free, which
     *  accepts it after a failure too. MSTR_E_CONFIG where a file or folder that is named is missing, cannot be read
     *  or holds no certificate; _MEMORY. */
    enum mstr_code (*trust)(const struct mstr_call *call, const char *ca_file, struct mstr_trust *trust,
                            struct mstr_error *error);
    /** Frees what is in it. */
    void (*trust_free)(struct mstr_trust *trust);
};

/** resolve, explain and invalidate may run in several threads at once. */
#define MSTR_PROVIDER_THREAD_SAFE 1u
/** resolve gains from many requests at once; without it the host calls it with one request at a time, in parallel. */
#define MSTR_PROVIDER_BATCH 2u

/** What a plugin is. Static storage, read only. */
struct mstr_provider {
    uint32_t abi_major;                /**< MSTR_ABI_MAJOR */
    uint32_t size;                     /**< sizeof(struct mstr_provider) */
    uint32_t flags;                    /**< MSTR_PROVIDER_… */
    uint32_t option_size;              /**< sizeof(struct mstr_option) */
    const char *name;                  /**< of the plugin, as in `plugin = NAME` */
    const char *version;               /**< of the plugin */
    const char *summary;               /**< one line */
    const char *const *services;       /**< ends with NULL; NULL where there is only one. The first is the default */
    const struct mstr_option *options; /**< ends with a NULL name; NULL where there is none */

    /** Makes an instance. Reads its options; may check them, must not go to the network. @p self may be set to NULL
     *  when the provider has no state. Options pass the host's check before. */
    enum mstr_code (*create)(const struct mstr_instance *instance, void **self, struct mstr_error *error);
    /** Answers every request of a batch, all by one instance; duplicates do not occur. A request left unanswered
     *  counts as a fault of the plugin. */
    void (*resolve)(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call);
    /** Optional. Walks the credential chain for `mstr doctor`, telling each step by mstr_host::report_step, up to and
     *  without printing the secret itself. Fails as resolve would. */
    enum mstr_code (*explain)(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error);
    /** Optional. Forgets what it keeps of a reference, or with NULL everything, identities included. */
    void (*invalidate)(void *self, const struct mstr_reference *reference);
    /** Optional. Frees an instance and wipes what it held. */
    void (*destroy)(void *self);

    /** Since ABI 1.3. Optional; without it any reference may be one. Whether resolve can ever take the reference, so
     * far as its text and the instance's options tell: MSTR_OK, or the error with which resolve would refuse it
     * before it asks anybody, so that both best call the same function. `mstr config check` asks it of references
     * whose secrets need not be there. It reads no secret, waits for nobody and leaves the network alone. The host
     * may call it from any thread beside any other call, and where create was not called: mstr_host::option then
     * gives NULL for every option, and what depends on one is not refused. */
    enum mstr_code (*check)(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error);
};

/**
 * The one symbol a plugin exports, called once in a process, by one thread at a time. It does nothing else of note.
 * A plugin written against a newer minor version checks host->abi_minor and MSTR_HAS().
 * @param host  the host's services, which the plugin keeps: static storage
 * @return the plugin's table, in static storage; NULL when the host is too old for it
 */
MSTR_PLUGIN_EXPORT const struct mstr_provider *mstr_provider_entry(const struct mstr_host *host);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
