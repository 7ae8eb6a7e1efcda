/* In a file of its own, so that the linker takes it only into a program without a main. */
#include "nuages/test.h"

int main(int argc, char **argv)
{
    return nu_test_main(argc, argv);
}
