/* Certificates of service principals in all the forms that they come in, and the assertions made with them. */
#include "azure/identity/assertion.h"

#include "base/base64.h"
#include "base/json.h"
#include "support/fake_host.h"
#include "unit/azure/keys.h"

#include "sdk/host.h"

static struct pair own;
static struct pair other;

static int setup_keys(void **state)
{
    (void)state;
    own = pair_make("own");
    other = pair_make("other");
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    pair_release(&own);
    pair_release(&other);
    return 0;
}

static enum mstr_code read_bio(BIO *memory, const char *password, struct certificate *out, struct mstr_error *error)
{
    char *octets = NULL;
    long length = BIO_get_mem_data(memory, &octets);
    enum mstr_code code = certificate_read("the file", octets, (size_t)length, password, out, error);
    BIO_free(memory);
    return code;
}

static void assert_reads(BIO *memory, const char *password, int certificates)
{
    struct certificate certificate;
    struct mstr_error *error = host->error_new();
    if (read_bio(memory, password, &certificate, error) != MSTR_OK) {
        fail_msg("%s", host->error_message(error));
    }
    assert_int_equal(sk_X509_num(certificate.chain), certificates);
    assert_int_equal(X509_cmp(sk_X509_value(certificate.chain, 0), own.certificate), 0);
    certificate_release(&certificate);
    host->error_free(error);
}

static void assert_refuses(BIO *memory, const char *password, const char *part)
{
    struct certificate certificate;
    struct mstr_error *error = host->error_new();
    assert_int_equal(read_bio(memory, password, &certificate, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), part);
    assert_null(certificate.key);
    host->error_free(error);
}

static BIO *blank(void)
{
    return BIO_new(BIO_s_mem());
}

static void pem_is_read_in_any_order(void **state)
{
    BIO *key_first = blank();
    BIO *key_last = blank();
    BIO *key_between = blank();
    (void)state;
    put_key(key_first, &own, NULL);
    put_certificate(key_first, &own);
    put_certificate(key_last, &own);
    put_certificate(key_last, &other);
    put_key(key_last, &own, NULL);
    put_certificate(key_between, &other);
    put_key(key_between, &own, NULL);
    put_certificate(key_between, &own);

    assert_reads(key_first, NULL, 1);
    assert_reads(key_last, NULL, 2);
    assert_reads(key_between, NULL, 2);
}

static void encrypted_pem_is_opened_with_its_password(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        BIO *memory = blank();
        put_key(memory, &own, "hush");
        put_certificate(memory, &own);
        switch (i) {
        case 0:
            assert_reads(memory, "hush", 1);
            break;
        case 1:
            assert_refuses(memory, "wrong", "the password does not open it");
            break;
        default:
            assert_refuses(memory, NULL, "no password is set");
            break;
        }
    }
}

static void pkcs12_is_opened_with_and_without_password(void **state)
{
    static const struct {
        const char *made;
        const char *given;
        const char *fault;
    } cases[] = {{"hush", "hush", NULL},
                 {"", NULL, NULL},
                 {"", "", NULL},
                 {NULL, NULL, NULL},
                 {"hush", "wrong", "the password does not open it"},
                 {"hush", NULL, "no password is set"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        BIO *memory = blank();
        put_pkcs12(memory, &own, &other, cases[i].made);
        if (cases[i].fault == NULL) {
            assert_reads(memory, cases[i].given, 2);
        } else {
            assert_refuses(memory, cases[i].given, cases[i].fault);
        }
    }
}

/* PKCS#12 made of the pair and then changed. */
static BIO *changed_pkcs12(bool sealed, bool with_key)
{
    PKCS12 *store =
        PKCS12_create("hush", "name", with_key ? own.key : NULL, own.certificate, NULL, 0, 0, 1, sealed ? 1 : -1, 0);
    BIO *memory = blank();
    assert_non_null(store);
    assert_int_equal(i2d_PKCS12_bio(memory, store), 1);
    PKCS12_free(store);
    return memory;
}

static void pkcs12_without_seal_or_key_is_refused(void **state)
{
    (void)state;

    assert_refuses(changed_pkcs12(false, true), "hush", "without a seal");
    assert_refuses(changed_pkcs12(true, false), "hush", "no private key");
}

static void broken_content_is_told_apart(void **state)
{
    BIO *no_certificate = blank();
    BIO *no_key = blank();
    BIO *stranger = blank();
    BIO *elliptic = blank();
    BIO *garbage = BIO_new_mem_buf("garbage", -1);
    BIO *cut = BIO_new_mem_buf("-----BEGIN PRIVATE KEY-----\nAAAA", -1);
    struct pair curve = pair_of(EVP_EC_gen("P-256"), "curve");
    (void)state;
    put_key(no_certificate, &own, NULL);
    put_certificate(no_key, &own);
    put_key(stranger, &own, NULL);
    put_certificate(stranger, &other);
    put_key(elliptic, &curve, NULL);
    put_certificate(elliptic, &curve);

    assert_refuses(no_certificate, NULL, "a key but no certificate");
    assert_refuses(no_key, NULL, "no private key");
    assert_refuses(stranger, NULL, "no certificate in it belongs");
    assert_refuses(elliptic, NULL, "no RSA key");
    assert_refuses(garbage, NULL, "neither PEM nor PKCS#12");
    assert_refuses(cut, NULL, "no private key");
    pair_release(&curve);
}

/* The part of a token, decoded and parsed. */
static struct json_object *part_of(const char *token, int part)
{
    struct buffer text = BUFFER_INIT;
    for (; part > 0; part--) {
        token = strchr(token, '.') + 1;
    }
    assert_true(base64url_decode(&text, token, strcspn(token, ".")));
    struct json_object *object = json_parse(buffer_text(&text), text.length);
    assert_non_null(object);
    buffer_release(&text);
    return object;
}

static bool is_signed(const char *token, int padding)
{
    EVP_PKEY_CTX *options = NULL;
    struct buffer signature = BUFFER_INIT;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *last = strrchr(token, '.');
    bool good = base64url_decode(&signature, last + 1, strlen(last + 1)) &&
                EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, own.key) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1 &&
                (padding == RSA_PKCS1_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32) == 1) &&
                EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.length,
                                 (const unsigned char *)token, (size_t)(last - token)) == 1;
    EVP_MD_CTX_free(context);
    buffer_release(&signature);
    return good;
}

static void make_assertion(const struct assertion *assertion, struct buffer *out)
{
    struct certificate certificate;
    BIO *memory = blank();
    put_certificate(memory, &other);
    put_certificate(memory, &own);
    put_key(memory, &own, NULL);
    assert_int_equal(read_bio(memory, NULL, &certificate, NULL), MSTR_OK);
    assert_true(assertion_sign(assertion, &certificate, out));
    certificate_release(&certificate);
}

static void assertion_is_signed_with_ps256_and_names_the_certificate(void **state)
{
    const struct assertion assertion = {.client_id = "client-1", .audience = "https://a/t/oauth2/v2.0/token"};
    struct buffer token = BUFFER_INIT;
    int64_t expires = 0;
    unsigned char hash[32];
    struct buffer thumbprint = BUFFER_INIT;
    (void)state;

    make_assertion(&assertion, &token);

    struct json_object *header = part_of(buffer_text(&token), 0);
    struct json_object *claims = part_of(buffer_text(&token), 1);
    X509_digest(own.certificate, EVP_sha256(), hash, NULL);
    base64url_encode(&thumbprint, hash, sizeof(hash));
    assert_string_equal(json_member_text(header, "alg"), "PS256");
    assert_string_equal(json_member_text(header, "typ"), "JWT");
    assert_string_equal(json_member_text(header, "x5t#S256"), buffer_text(&thumbprint));
    assert_null(json_member(header, "x5c"));
    assert_string_equal(json_member_text(claims, "aud"), "https://a/t/oauth2/v2.0/token");
    assert_string_equal(json_member_text(claims, "iss"), "client-1");
    assert_string_equal(json_member_text(claims, "sub"), "client-1");
    assert_int_equal(strlen(json_member_text(claims, "jti")), 36);
    assert_true(json_member_int64(claims, "exp", &expires));
    assert_int_equal(expires, FAKE_HOST_START / 1000 + 600);
    assert_true(is_signed(buffer_text(&token), RSA_PKCS1_PSS_PADDING));
    json_release(header);
    json_release(claims);
    buffer_release(&thumbprint);
    buffer_release(&token);
}

static void chain_is_sent_with_the_leaf_first(void **state)
{
    const struct assertion assertion = {.client_id = "c", .audience = "a", .with_chain = true};
    struct buffer token = BUFFER_INIT;
    struct buffer leaf = BUFFER_INIT;
    unsigned char *der = NULL;
    (void)state;

    make_assertion(&assertion, &token);

    struct json_object *header = part_of(buffer_text(&token), 0);
    struct json_object *chain = json_member(header, "x5c");
    int length = i2d_X509(own.certificate, &der);
    base64_encode(&leaf, der, (size_t)length);
    assert_int_equal(json_object_array_length(chain), 2);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(chain, 0)), buffer_text(&leaf));
    OPENSSL_free(der);
    json_release(header);
    buffer_release(&leaf);
    buffer_release(&token);
}

static void adfs_gets_rs256_and_a_short_thumbprint(void **state)
{
    const struct assertion assertion = {.client_id = "c", .audience = "a", .adfs = true};
    struct buffer token = BUFFER_INIT;
    (void)state;

    make_assertion(&assertion, &token);

    struct json_object *header = part_of(buffer_text(&token), 0);
    assert_string_equal(json_member_text(header, "alg"), "RS256");
    assert_int_equal(strlen(json_member_text(header, "x5t")), 27);
    assert_true(is_signed(buffer_text(&token), RSA_PKCS1_PADDING));
    json_release(header);
    buffer_release(&token);
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(pem_is_read_in_any_order),
        ON_FAKE_HOST(encrypted_pem_is_opened_with_its_password),
        ON_FAKE_HOST(pkcs12_is_opened_with_and_without_password),
        ON_FAKE_HOST(pkcs12_without_seal_or_key_is_refused),
        ON_FAKE_HOST(broken_content_is_told_apart),
        ON_FAKE_HOST(assertion_is_signed_with_ps256_and_names_the_certificate),
        ON_FAKE_HOST(chain_is_sent_with_the_leaf_first),
        ON_FAKE_HOST(adfs_gets_rs256_and_a_short_thumbprint),
    };
    return cmocka_run_group_tests_name("azure/certificate", tests, setup_keys, release_keys);
}
