/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider in C++17: one JSON file whose members are the secrets, as in sheet:db. It shows what a language with
 * exceptions and destructors makes of the interface: owners that wipe, and a border that no exception crosses.
 */
#include <mstr/provider.h>

#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace
{

const mstr_host *host;

struct wiping {
    void operator()(char *octets) const
    {
        host->secret_free(octets);
    }
};
using secret = std::unique_ptr<char, wiping>;

/* What is thrown. Its text tells no secret. */
struct failure {
    mstr_code code;
    std::string text;
};

/* Throws what a service told of its failure; `missing` is the class of what was not found. */
void check(mstr_code code, const mstr_error *error, mstr_code missing = MSTR_E_NOT_FOUND)
{
    if (code != MSTR_OK) {
        throw failure{code == MSTR_E_NOT_FOUND ? missing : code, host->error_message(error)};
    }
}

/* Does something that may throw, and tells the error in place of that. */
template <typename Action> mstr_code guarded(mstr_error *error, Action &&action) noexcept
{
    try {
        std::forward<Action>(action)();
        return MSTR_OK;
    } catch (const failure &why) {
        return host->error_set_plain(error, why.code, why.text.c_str());
    } catch (const std::bad_alloc &) {
        return host->error_set_plain(error, MSTR_E_MEMORY, "out of memory");
    } catch (...) {
        return host->error_set_plain(error, MSTR_E_UNEXPECTED, "an exception that nobody foresaw");
    }
}

/* The JSON Pointer (RFC 6901) of a member, whatever is in its name. */
std::string pointer_to(const char *name)
{
    std::string pointer = "/";
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            pointer += *name == '~' ? "~0" : "~1";
        } else {
            pointer += *name;
        }
    }
    return pointer;
}

class sheet
{
  public:
    explicit sheet(const mstr_instance *instance) : path(host->option(instance, "path"))
    {
    }

    /* Whatever an instance may hold. */
    static void judge(const mstr_reference *reference)
    {
        if (reference->query_count > 0) {
            throw failure{MSTR_E_CONFIG, "there are no query keys"};
        }
    }

    void answer(mstr_request *request, const mstr_call *call) const
    {
        constexpr std::size_t limit = 1 << 20;
        const mstr_reference *reference = request->reference;
        judge(reference);
        char *octets = nullptr;
        std::size_t length = 0;
        mstr_code code = host->read_file(call, path.c_str(), limit, &octets, &length, request->error);
        const secret content(octets);
        check(code, request->error,
              MSTR_E_NOT_AVAILABLE); /* no sheet: it does not say that there is no such secret */
        octets = nullptr;
        code = host->json_text(content.get(), length, pointer_to(reference->body).c_str(), &octets, &length,
                               request->error);
        const secret value(octets);
        check(code, request->error);
        host->set_value(request, value.get(), length, nullptr);
    }

  private:
    std::string path;
};

/* C calls these. */
extern "C" {

static mstr_code create(const mstr_instance *instance, void **self, mstr_error *error)
{
    if (host->size < offsetof(mstr_host, subject_token)) {
        return host->error_set_plain(error, MSTR_E_PLUGIN,
                                     "the sheet provider needs a libmstr with provider ABI 1.2");
    }
    return guarded(error, [&] { *self = new sheet(instance); });
}

static void resolve(void *self, mstr_request *const *requests, std::size_t count, const mstr_call *call)
{
    for (std::size_t i = 0; i < count; i++) {
        mstr_request *request = requests[i];
        const mstr_code code = guarded(request->error, [&] { static_cast<sheet *>(self)->answer(request, call); });
        if (code != MSTR_OK) {
            host->set_error_plain(request, code, host->error_message(request->error));
        }
    }
}

static mstr_code check_reference(const mstr_instance *, const mstr_reference *reference, mstr_error *error)
{
    return guarded(error, [&] { sheet::judge(reference); });
}

static void destroy(void *self)
{
    delete static_cast<sheet *>(self);
}
}

constexpr mstr_option options[] = {
    {"path", MSTR_OPTION_PATH, MSTR_OPTION_REQUIRED, nullptr, "the JSON file"},
    {nullptr, MSTR_OPTION_STRING, 0, nullptr, nullptr},
};

mstr_provider make_table()
{
    mstr_provider table{};
    table.abi_major = MSTR_ABI_MAJOR;
    table.size = sizeof table;
    table.flags = MSTR_PROVIDER_THREAD_SAFE;
    table.option_size = sizeof(mstr_option);
    table.name = "sheet";
    table.version = "1.0";
    table.summary = "a JSON file of secrets";
    table.options = options;
    table.create = create;
    table.resolve = resolve;
    table.destroy = destroy;
    table.check = check_reference;
    return table;
}

} // namespace

const mstr_provider *mstr_provider_entry(const mstr_host *table)
{
    static const mstr_provider provider = make_table();
    host = table;
    return &provider;
}
