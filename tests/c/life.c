/* Life in a host: `life fork` forks after use, `life exit` ends while work is under way. */
#include "story.h"
#include <sys/wait.h>

static const char *request, *presented;
static int ends[2];

/* Says how it went through a pipe, which waits without locks that a fork could copy. */
static void permitted(void *user_data, aios_status status, aios_permit *permit, aios_error *error) {
    char how = (char)status;
    (void)user_data;
    aios_permit_free(permit);
    aios_error_free(error);
    CHECK(write(ends[1], &how, 1) == 1);
}

/* Both forms work in this process. */
static void use(aios_engine *engine) {
    aios_permit *permit = NULL;
    char how = -1;
    CHECK(aios_engine_authorize(engine, aios_text(request), &permit, NULL) == AIOS_OK);
    aios_permit_free(permit);
    CHECK(aios_engine_authorize_async(engine, aios_text(request), permitted, NULL, NULL) == AIOS_OK);
    CHECK(read(ends[0], &how, 1) == 1 && how == AIOS_OK);
}

/* What a child does with what it inherited. */
static void child(aios_engine *engine, aios_permit *inherited) {
    aios_buf done = {NULL, 0};
    aios_error *error = NULL;
    CHECK(pipe(ends) == 0);
    use(engine);
    CHECK(aios_permit_complete(inherited, aios_text("{\"status\": \"ok\"}"), &done, &error) == AIOS_DENIED);
    CHECK(strcmp(aios_error_code(error), AIOS_CODE_AUDIT_PERMIT_ENDED) == 0);
    aios_error_free(error);
    aios_permit_free(inherited);
    aios_engine_free(engine);
    exit(0);
}

static int forks(aios_engine *engine) {
    aios_permit *permit = NULL;
    aios_buf done = {NULL, 0};
    use(engine);
    CHECK(aios_engine_authorize(engine, aios_text(request), &permit, NULL) == AIOS_OK);
    for (int round = 0; round < 8; round++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) child(engine, permit);
        CHECK(pid > 0);
        use(engine);
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(aios_permit_complete(permit, aios_text("{\"status\": \"ok\"}"), &done, NULL) == AIOS_OK);
    aios_buf_free(&done);
    aios_permit_free(permit);
    CHECK(aios_engine_close(engine, aios_text("{}"), &done, NULL) == AIOS_OK);
    aios_buf_free(&done);
    return 0;
}

static void identified(void *user_data, aios_status status, aios_principal *principal, aios_error *error) {
    (void)user_data, (void)status;
    aios_principal_free(principal);
    aios_error_free(error);
}

static void *start(void *engine) {
    for (int at = 0; at < 1000; at++)
        if (aios_engine_authorize_async((aios_engine *)engine, aios_text(request), permitted, NULL, NULL) != AIOS_OK) break;
    return NULL;
}

/* Some work is waiting for a silent server, some being written, some being started by another thread. */
static int ends_early(aios_engine *engine, aios_engine *silent) {
    pthread_t thread;
    char how;
    CHECK(aios_engine_authenticate_async(silent, aios_text(presented), identified, NULL, NULL) == AIOS_OK);
    CHECK(pthread_create(&thread, NULL, start, engine) == 0);
    CHECK(read(ends[0], &how, 1) == 1);
    return 0;
}

int main(int count, char **arguments) {
    CHECK(count == 6 && pipe(ends) == 0);
    request = arguments[3], presented = arguments[4];
    aios_engine *engine = opened(arguments[2]);
    return strcmp(arguments[1], "fork") == 0 ? forks(engine) : ends_early(engine, opened(arguments[5]));
}
