/* The program `nuages`: what one needs before there is a project. */
#include "command/internal.h"

int main(int argc, char **argv)
{
    return nu__tool_main(argc, argv);
}
