#include "nuages/crypto.h"
#include "nuages/test.h"

#include <string.h>

static const char *hash_of(nu_digest digest, const char *text)
{
    uint8_t out[NU_DIGEST_MAX];
    nu_hash(digest, text, strlen(text), out);
    return nu_hex(out, nu_digest_size(digest));
}

TEST(digests_match_the_vectors_of_their_standards)
{
    CHECK_TEXT(hash_of(NU_MD5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    CHECK_TEXT(hash_of(NU_SHA1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK_TEXT(hash_of(NU_SHA256, "abc"),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_TEXT(hash_of(NU_SHA256, ""),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(hmac_matches_rfc_4231)
{
    uint8_t     out[NU_DIGEST_MAX];
    const char *text = "what do ya want for nothing?";
    nu_hmac(NU_SHA256, "Jefe", 4, text, strlen(text), out);
    CHECK_TEXT(nu_hex(out, 32), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(pbkdf2_matches_rfc_6070_and_refuses_nonsense)
{
    uint8_t key[20];
    CHECK(nu_pbkdf2(NU_SHA1, "password", 8, "salt", 4, 4096, key, sizeof key));
    CHECK_TEXT(nu_hex(key, 20), "4b007901b765489abead49d926f721d065a429c1");
    CHECK(!nu_pbkdf2(NU_SHA1, "password", 8, "salt", 4, 0, key, sizeof key));
    CHECK(!nu_pbkdf2(NU_SHA1, "password", 8, "salt", 4, 1, key, 0));
}

TEST(digests_are_found_by_name)
{
    nu_digest digest;
    CHECK(nu_digest_try("sha512", &digest));
    CHECK_EQ(nu_digest_size(digest), 64);
    CHECK(!nu_digest_try("SHA-256", &digest));
    CHECK(!nu_digest_try("", &digest));
}

TEST(secrets_are_equal_only_when_all_bytes_are)
{
    CHECK(nu_equal_secret("abc", 3, "abc", 3));
    CHECK(!nu_equal_secret("abc", 3, "abd", 3));
    CHECK(!nu_equal_secret("abc", 3, "abcd", 4));
    CHECK(nu_equal_secret("", 0, "", 0));
}
