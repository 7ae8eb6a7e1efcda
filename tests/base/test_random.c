#include "nuages/random.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/test.h"
#include "nuages/text.h"

TEST(random_numbers_stay_below_their_limit)
{
    unsigned seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[nu_random_below(7)]++;
    for (int i = 0; i < 7; i++)
        CHECK(seen[i] > 700 && seen[i] < 1300);
    CHECK_EQ(nu_random_below(1), 0);
    CHECK(nu_random_below(UINT64_MAX) < UINT64_MAX);
    CHECK_RAISES(NU_ASSERTION, nu_random_below(0));
}

TEST(random_text_uses_its_alphabet)
{
    const char *text = nu_random_text(1000, "ab");
    CHECK_EQ(strlen(text), 1000);
    CHECK_EQ(strspn(text, "ab"), 1000);
    CHECK(strchr(text, 'a') != NULL && strchr(text, 'b') != NULL);
    CHECK_TEXT(nu_random_text(0, NULL), "");
    CHECK_TEXT(nu_random_text(3, "x"), "xxx");
    CHECK(strcmp(nu_random_text(32, NULL), nu_random_text(32, NULL)) != 0);
}

TEST(uuids_carry_version_and_variant)
{
    for (int i = 0; i < 50; i++) {
        const char *four = nu_uuid_text(nu_uuid4()), *seven = nu_uuid_text(nu_uuid7());
        CHECK_EQ(strlen(four), 36);
        CHECK(four[14] == '4' && strchr("89ab", four[19]) != NULL);
        CHECK(seven[14] == '7' && strchr("89ab", seven[19]) != NULL);
    }
}

TEST(uuid7_is_ordered_by_time)
{
    nu_clock_freeze(nu_datetime_of(2026, 1, 1, 0, 0, 0));
    nu_uuid first = nu_uuid7();
    nu_clock_freeze(nu_datetime_of(2026, 1, 1, 0, 0, 1));
    nu_uuid second = nu_uuid7();
    nu_clock_freeze((nu_datetime){0});
    CHECK(memcmp(first.bytes, second.bytes, 16) < 0);
    CHECK(nu_starts_with(nu_uuid_text(first), "019b76da-a800-7"));
}

TEST(uuids_are_read_in_the_forms_python_takes)
{
    const char *good[] = {
        "12345678-1234-5678-1234-567812345678", "{12345678-1234-5678-1234-567812345678}",
        "12345678123456781234567812345678", "urn:uuid:12345678-1234-5678-1234-567812345678",
        "1234-5678-1234-5678-1234-5678-1234-5678"};
    for (size_t i = 0; i < NU_COUNT(good); i++) {
        nu_uuid uuid;
        CHECK(nu_uuid_try(good[i], strlen(good[i]), &uuid));
        CHECK_TEXT(nu_uuid_text(uuid), "12345678-1234-5678-1234-567812345678");
    }
    const char *bad[] = {"",
                         "{}",
                         "1234567812345678123456781234567",
                         "123456781234567812345678123456789",
                         "g2345678123456781234567812345678",
                         " 12345678123456781234567812345678"};
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        nu_uuid uuid;
        CHECK_EQ(nu_uuid_try(bad[i], strlen(bad[i]), &uuid), false);
    }
}

TEST(a_forked_process_draws_other_bytes)
{
    unsigned char mine[32], theirs[32];
    int           pipe_ends[2];
    nu_random_bytes(mine, 1); /* there is a store to inherit now */
    CHECK_EQ(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        nu_random_bytes(mine, sizeof mine);
        _exit(write(pipe_ends[1], mine, sizeof mine) != sizeof mine);
    }
    nu_random_bytes(mine, sizeof mine);
    CHECK_EQ(read(pipe_ends[0], theirs, sizeof theirs), sizeof theirs);
    CHECK_EQ(waitpid(child, NULL, 0), child);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    CHECK(memcmp(mine, theirs, sizeof mine) != 0);
}

TEST(small_draws_of_any_length_never_repeat)
{
    uint64_t seen[500];
    for (size_t i = 0; i < NU_COUNT(seen); i++) {
        char other[32];
        nu_random_bytes(other, i % sizeof other);
        nu_random_bytes(&seen[i], sizeof seen[i]);
        for (size_t before = 0; before < i; before++)
            CHECK(seen[before] != seen[i]);
    }
}
