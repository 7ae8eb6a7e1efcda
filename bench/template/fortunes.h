/* The fortunes of every contestant; python.py reads them from here too. */
#pragma once

static const char *const fortunes[] = {
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "A computer scientist is someone who fixes things that aren't broken.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Additional fortune added at request time.",
    "After enough decimal places, nobody gives a damn.",
    "Any program that runs right is obsolete.",
    "Computers make very fast, very accurate mistakes.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Feature: A bug with seniority.",
    "fortune: No such file or directory",
    "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
    "フレームワークのベンチマーク",
};
