/* Every function refuses wrong arguments, defines what it writes to, and never reads what it must not. */
#include "story.h"

static aios_engine *the_engine;
static aios_audit *the_audit;
static aios_vault *the_vault;
static aios_entities *the_entities;
static aios_layer *the_layer;
static aios_principal *the_principal;
static aios_permit *the_permit;
static aios_payload *the_payload;
static aios_policy_set *the_policy_set;
static aios_secret_use *the_secret_use;
static aios_secret_sending *the_secret_sending;
static aios_secret_answer *the_secret_answer;
static aios_idp *the_idp;
static aios_served *the_served;

static char unused[1];
static const char *not_utf8[] = {"\xff", "{\"action\": \"\xc3\x28\"}", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80"};
static char *spaces;

static struct told { pthread_mutex_t lock; pthread_cond_t there; int calls; aios_status status; aios_error *error; } told = {
    PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, AIOS_OK, NULL};

static void tell(aios_status status, aios_error *error) {
    pthread_mutex_lock(&told.lock);
    told.calls++, told.status = status, told.error = error;
    pthread_cond_signal(&told.there);
    pthread_mutex_unlock(&told.lock);
}

/* What the callback got, now that it was called once more. */
static aios_status await(aios_status started, aios_error **error) {
    CHECK(started == AIOS_OK);
    pthread_mutex_lock(&told.lock);
    while (told.calls == 0) pthread_cond_wait(&told.there, &told.lock);
    CHECK(told.calls == 1);
    told.calls = 0, *error = told.error, started = told.status;
    pthread_mutex_unlock(&told.lock);
    return started;
}

static void refused(aios_status status, aios_status expected, aios_error *error, const char *at) {
    CHECK(status == expected);
    CHECK(error != NULL && strcmp(aios_error_code(error), AIOS_CODE_POLICY_INPUT) == 0);
    CHECK(at == NULL || strstr(aios_error_json(error), at) != NULL);
    CHECK(aios_error_status(error) == 403);
    aios_error_free(error);
}

#define TYPE_data(answer) aios_buf
#define TYPE_handle(answer) aios_##answer *
#define EMPTY_data(got) ((got).data == NULL && (got).len == 0)
#define EMPTY_handle(got) ((got) == NULL)
#define ON_process(receiver)
#define ON_handle(receiver) the_##receiver,
#define NULL_process(test)
#define NULL_handle(test) test
#define AWAIT_now(name, on, nobody, gives, answer)
#define AWAIT_waits(name, on, nobody, gives, answer) \
    static void told_##name(void *user_data, aios_status status, TYPE_##gives(answer) got, aios_error *error) { \
        CHECK(user_data == unused && EMPTY_##gives(got)); \
        tell(status, error); \
    } \
    static void await_##name(aios_str text, aios_status expected) { \
        aios_error *error = NULL; \
        aios_ticket ticket = 7; \
        aios_status status = await(aios_##name##_async(on text, told_##name, unused, &ticket), &error); \
        refused(status, expected, error, NULL); \
        CHECK(ticket == 0); \
        nobody(status = await(aios_##name##_async(NULL, text, told_##name, unused, NULL), &error); \
               refused(status, AIOS_MISUSE, error, "receiver");) \
        ticket = 7; \
        CHECK(aios_##name##_async(on text, NULL, unused, &ticket) == AIOS_MISUSE && ticket == 0); \
    }
#define TEST(receiver, operation, on, gives, answer, when) \
    AWAIT_##when(receiver##_##operation, ON_##on(receiver), NULL_##on, gives, answer) \
    static void wait_##receiver##_##operation(aios_str text, aios_status expected) { \
        TYPE_##gives(answer) got; \
        aios_error *error = (aios_error *)unused; \
        memset(&got, 0xff, sizeof got); \
        aios_status status = aios_##receiver##_##operation(ON_##on(receiver) text, &got, &error); \
        CHECK(EMPTY_##gives(got)); \
        refused(status, expected, error, NULL); \
        CHECK(aios_##receiver##_##operation(ON_##on(receiver) text, &got, NULL) == expected); \
        status = aios_##receiver##_##operation(ON_##on(receiver) aios_text("{}"), NULL, &error); \
        refused(status, AIOS_MISUSE, error, "answer"); \
        CHECK(aios_##receiver##_##operation(ON_##on(receiver) aios_text("{}"), NULL, NULL) == AIOS_MISUSE); \
        NULL_##on(memset(&got, 0xff, sizeof got); status = aios_##receiver##_##operation(NULL, text, &got, &error); \
                  CHECK(EMPTY_##gives(got)); refused(status, AIOS_MISUSE, error, "receiver");) \
    }
AIOS_OPERATIONS(TEST)
AIOS_TESTING_OPERATIONS(TEST)

#define RUN_now(name)
#define RUN_waits(name) await_##name(text, expected);
#define RUN(receiver, operation, on, gives, answer, when) \
    wait_##receiver##_##operation(text, expected); \
    RUN_##when(receiver##_##operation)

/* Every operation refuses this text so. */
static void every_operation_refuses(const char *data, size_t len, aios_status expected) {
    aios_str text = {data, len};
    AIOS_OPERATIONS(RUN)
    AIOS_TESTING_OPERATIONS(RUN)
}

static void names_with_a_nul_do_not_cut_messages_short(void) {
    aios_buf answer;
    aios_error *error = NULL;
    CHECK(aios_engine_flush(the_engine, aios_text("{\"secret\\u0000tail\": 1}"), &answer, &error) == AIOS_DENIED);
    CHECK(strstr(aios_error_message(error), "secret\\u{0}tail; expected") != NULL);
    CHECK(strstr(aios_error_json(error), "secret\\\\u{0}tail") != NULL);
    aios_error_free(error);
}

static void answers_end_with_a_nul_and_are_freed_twice_without_harm(void) {
    aios_buf answer;
    CHECK(aios_engine_flush(the_engine, aios_text("{}"), &answer, NULL) == AIOS_OK);
    CHECK(answer.len == 2 && strcmp(answer.data, "{}") == 0);
    aios_buf_free(&answer);
    CHECK(answer.data == NULL && answer.len == 0);
    aios_buf_free(&answer);
}

static void nothing_is_freed_and_asked_without_harm(void) {
#define FREE(receiver) aios_##receiver##_free(NULL);
    FREE(engine) FREE(audit) FREE(vault) FREE(entities) FREE(layer) FREE(principal) FREE(permit) FREE(payload) FREE(policy_set) FREE(secret_use) FREE(secret_sending) FREE(secret_answer) FREE(clock) FREE(idp) FREE(served) FREE(buf) FREE(error)
    CHECK(strcmp(aios_error_code(NULL), "") == 0 && strcmp(aios_error_message(NULL), "") == 0);
    CHECK(strcmp(aios_error_json(NULL), "") == 0 && aios_error_status(NULL) == 500);
    CHECK(aios_text(NULL).data == NULL && aios_text(NULL).len == 0);
    aios_cancel(0);
    aios_cancel(99);
}

int main(int count, char **arguments) {
    aios_buf put;
    CHECK(count == 7 && aios_abi_version() == AIOS_ABI_VERSION && strcmp(aios_version(), AIOS_VERSION) == 0);
    nothing_is_freed_and_asked_without_harm();
    the_engine = opened(arguments[1]);
    CHECK(aios_engine_audit(the_engine, aios_text("{}"), &the_audit, NULL) == AIOS_OK);
    CHECK(aios_engine_vault(the_engine, aios_text("{}"), &the_vault, NULL) == AIOS_OK);
    CHECK(aios_engine_entities(the_engine, aios_text("{}"), &the_entities, NULL) == AIOS_OK);
    CHECK(aios_engine_layer(the_engine, aios_text("{}"), &the_layer, NULL) == AIOS_OK);
    CHECK(aios_engine_authorize(the_engine, aios_text(arguments[2]), &the_permit, NULL) == AIOS_OK);
    CHECK(aios_engine_authenticate(the_engine, aios_text(arguments[3]), &the_principal, NULL) == AIOS_OK);
    CHECK(aios_host_load_policies(aios_text("{\"policies\": \"\"}"), &the_policy_set, NULL) == AIOS_OK);
    CHECK(aios_vault_put(the_vault, aios_text(arguments[4]), &put, NULL) == AIOS_OK);
    aios_buf_free(&put);
    CHECK(aios_vault_decrypt(the_vault, aios_text(arguments[6]), &the_payload, NULL) == AIOS_OK);
    CHECK(aios_permit_credential(the_permit, aios_text("{\"name\": \"key\"}"), &the_secret_use, NULL) == AIOS_OK);
    CHECK(aios_secret_use_fetch(the_secret_use, aios_text(arguments[5]), &the_secret_answer, NULL) == AIOS_OK);
    CHECK(aios_secret_use_upload(the_secret_use, aios_text(arguments[5]), &the_secret_sending, NULL) == AIOS_OK);
    CHECK(aios_kit_idp(aios_text("{\"iss\": \"https://corp.example/\"}"), &the_idp, NULL) == AIOS_OK);
    CHECK(aios_idp_serve(the_idp, aios_text("{}"), &the_served, NULL) == AIOS_OK);

    spaces = (char *)malloc(AIOS_REQUEST_LIMIT + 1);
    CHECK(spaces != NULL);
    memset(spaces, ' ', AIOS_REQUEST_LIMIT + 1);
    for (size_t at = 0; at < sizeof not_utf8 / sizeof *not_utf8; at++)
        every_operation_refuses(not_utf8[at], strlen(not_utf8[at]), AIOS_MISUSE);
    every_operation_refuses(NULL, 1, AIOS_MISUSE);
    every_operation_refuses("{}", SIZE_MAX, AIOS_MISUSE);
    every_operation_refuses("{}", SIZE_MAX / 2 + 1, AIOS_MISUSE);
    every_operation_refuses(spaces, AIOS_REQUEST_LIMIT + 1, AIOS_MISUSE);
    every_operation_refuses(spaces, AIOS_REQUEST_LIMIT, AIOS_DENIED);
    every_operation_refuses(NULL, 0, AIOS_DENIED);
    every_operation_refuses("{\0}", 3, AIOS_DENIED);
    every_operation_refuses("{} {}", 5, AIOS_DENIED);
    every_operation_refuses("{\"unknown\": 1}", 14, AIOS_DENIED);
    names_with_a_nul_do_not_cut_messages_short();
    answers_end_with_a_nul_and_are_freed_twice_without_harm();

    free(spaces);
    aios_secret_answer_free(the_secret_answer), aios_secret_sending_free(the_secret_sending), aios_secret_use_free(the_secret_use), aios_policy_set_free(the_policy_set);
    aios_served_free(the_served), aios_idp_free(the_idp), aios_engine_free(the_engine), aios_clock_free(the_clock);
    aios_audit_free(the_audit), aios_vault_free(the_vault), aios_entities_free(the_entities), aios_layer_free(the_layer), aios_principal_free(the_principal), aios_permit_free(the_permit);
    aios_payload_free(the_payload);
    return 0;
}
