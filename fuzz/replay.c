/* Gives every file of the folders named on the command line to a fuzz target once: the kept inputs
 * run as ordinary tests, without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        return 1;
    size_t   size = (size_t)ftell(file);
    uint8_t *bytes = malloc(size + 1);
    rewind(file);
    int failed = bytes == NULL || fread(bytes, 1, size, file) != size;
    fclose(file);
    if (!failed)
        LLVMFuzzerTestOneInput(bytes, size);
    else
        printf("%s: cannot be read\n", path);
    free(bytes);
    return failed;
}

int main(int argc, char **argv)
{
    int passed = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            printf("%s: no such folder\n", argv[i]);
            failed++;
            continue;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            int wrong = replay_file(path);
            failed += wrong;
            passed += !wrong;
        }
        closedir(folder);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
