/* Callbacks: once each, on one thread of the library, with answers of their own; they may call AIOS; work can be cancelled. */
#include "story.h"

enum { THREADS = 4, CALLS = 100 };

static const char *request, *presented;
static aios_engine *engine;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t notifier;
static int told, seen[THREADS * CALLS];

/* Counts a call, and sees that it comes on the one thread that calls. */
static void count(int *calls) {
    pthread_mutex_lock(&lock);
    CHECK(told == 0 || pthread_equal(notifier, pthread_self()));
    notifier = pthread_self();
    CHECK(calls == NULL || ++*calls == 1);
    told++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void until(int calls) {
    pthread_mutex_lock(&lock);
    while (told < calls) pthread_cond_wait(&changed, &lock);
    CHECK(told == calls && !pthread_equal(notifier, pthread_self()));
    told = 0;
    pthread_mutex_unlock(&lock);
}

static void checked(void *user_data, aios_status status, aios_buf answer, aios_error *error) {
    CHECK(status == AIOS_OK && error == NULL && strstr(answer.data, "\"allowed\":true") != NULL);
    aios_buf_free(&answer);
    count((int *)user_data);
}

/* Completes the permit, which does not wait, and asks again, which calls back. */
static void permitted(void *user_data, aios_status status, aios_permit *permit, aios_error *error) {
    aios_buf done;
    CHECK(status == AIOS_OK && permit != NULL && error == NULL);
    CHECK(aios_permit_complete(permit, aios_text("{\"status\": \"ok\"}"), &done, NULL) == AIOS_OK);
    aios_buf_free(&done);
    aios_permit_free(permit);
    CHECK(aios_engine_check_async(engine, aios_text(request), checked, user_data, NULL) == AIOS_OK);
}

static void *load(void *from) {
    for (int at = 0; at < CALLS; at++)
        CHECK(aios_engine_authorize_async(engine, aios_text(request), permitted, (int *)from + at, NULL) == AIOS_OK);
    return NULL;
}

static void each_call_is_told_once_and_may_call_aios(void) {
    pthread_t threads[THREADS];
    for (int at = 0; at < THREADS; at++) CHECK(pthread_create(&threads[at], NULL, load, seen + at * CALLS) == 0);
    until(THREADS * CALLS);
    for (int at = 0; at < THREADS; at++) CHECK(pthread_join(threads[at], NULL) == 0);
}

static void work_outlives_its_handle_and_its_text(const char *opening) {
    aios_engine *short_lived = opened(opening);
    char *text = strdup(request);
    told = 0;
    CHECK(text != NULL && aios_engine_check_async(short_lived, aios_text(text), checked, NULL, NULL) == AIOS_OK);
    aios_engine_free(short_lived);
    memset(text, 'x', strlen(text));
    free(text);
    until(1);
}

static void denied(void *user_data, aios_status status, aios_permit *permit, aios_error *error) {
    CHECK(status == AIOS_DENIED && permit == NULL && strcmp(aios_error_code(error), AIOS_CODE_TOKEN_MISSING) == 0);
    aios_error_free(error);
    count((int *)user_data);
}

static void a_refusal_is_told_as_an_error_of_the_callbacks_own(void) {
    const char *nobody = "{\"action\": \"read\", \"resource\": {\"type\": \"Aios::Data\", \"id\": \"r\"}}";
    CHECK(aios_engine_authorize_async(engine, aios_text(nobody), denied, NULL, NULL) == AIOS_OK);
    until(1);
}

static void cancelled(void *user_data, aios_status status, aios_principal *principal, aios_error *error) {
    CHECK(status == AIOS_CANCELLED && principal == NULL && error == NULL);
    count((int *)user_data);
}

static void cancelled_work_is_told_once_as_such(const char *silent) {
    aios_engine *waits = opened(silent);
    int calls[2] = {0, 0};
    aios_ticket tickets[2] = {0, 0};
    for (int at = 0; at < 2; at++)
        CHECK(aios_engine_authenticate_async(waits, aios_text(presented), cancelled, calls + at, tickets + at) == AIOS_OK);
    CHECK(tickets[0] != 0 && tickets[1] != 0 && tickets[0] != tickets[1]);
    aios_cancel(tickets[0]);
    aios_cancel(tickets[0]);
    until(1);
    aios_cancel(tickets[1]);
    until(1);
    aios_engine_free(waits);
}

int main(int arguments, char **argument) {
    CHECK(arguments == 5);
    request = argument[2], presented = argument[3];
    engine = opened(argument[1]);
    each_call_is_told_once_and_may_call_aios();
    work_outlives_its_handle_and_its_text(argument[1]);
    a_refusal_is_told_as_an_error_of_the_callbacks_own();
    cancelled_work_is_told_once_as_such(argument[4]);
    aios_engine_free(engine);
    aios_clock_free(the_clock);
    return 0;
}
