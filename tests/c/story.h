/* What the test programs share: a check that ends the program, and an engine as the runner describes it. */
#ifndef STORY_H
#define STORY_H
#define _POSIX_C_SOURCE 200809L
#define AIOS_TESTING
#include <aios.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHECK(truth) \
    do { \
        if (!(truth)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
            _exit(1); \
        } \
    } while (0)

/* The moment at which tests/vectors begin, and their tokens are good. */
#define NOW "{\"seconds\": 1800000000}"

static aios_clock *the_clock;

/* An engine that lives by a test's clock. */
static aios_engine *opened(const char *opening) {
    aios_engine *engine = NULL;
    aios_error *error = NULL;
    if (the_clock == NULL) CHECK(aios_kit_clock(aios_text(NOW), &the_clock, &error) == AIOS_OK);
    if (aios_clock_engine(the_clock, aios_text(opening), &engine, &error) != AIOS_OK) fputs(aios_error_message(error), stderr);
    CHECK(engine != NULL && error == NULL);
    return engine;
}

#endif
