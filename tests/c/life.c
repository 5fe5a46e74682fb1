/* Life in a host: `life fork` forks while another thread calls, `life exit` ends while work is under way. */
#include "story.h"
#include <sys/wait.h>

struct pipe { int ends[2]; };

static const char *request, *presented;
static volatile int enough;

/* Says how it went through a pipe, which waits without locks that a fork could copy. */
static void permitted(void *user_data, aios_status status, aios_permit *permit, aios_error *error) {
    char how = (char)status;
    aios_permit_free(permit);
    aios_error_free(error);
    CHECK(write(((struct pipe *)user_data)->ends[1], &how, 1) == 1);
}

/* Both forms work in this process. */
static void use(aios_engine *engine) {
    aios_permit *permit = NULL;
    struct pipe told;
    char how = -1;
    CHECK(pipe(told.ends) == 0);
    CHECK(aios_engine_authorize(engine, aios_text(request), &permit, NULL) == AIOS_OK);
    aios_permit_free(permit);
    CHECK(aios_engine_authorize_async(engine, aios_text(request), permitted, &told, NULL) == AIOS_OK);
    CHECK(read(told.ends[0], &how, 1) == 1 && how == AIOS_OK);
    close(told.ends[0]);
    close(told.ends[1]);
}

static void *load(void *engine) {
    while (!enough) use((aios_engine *)engine);
    return NULL;
}

/* What a child does with what it inherited. */
static void child(aios_engine *engine, aios_permit *inherited) {
    aios_buf done = {NULL, 0};
    aios_error *error = NULL;
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
    pthread_t thread;
    use(engine);
    CHECK(pthread_create(&thread, NULL, load, engine) == 0);
    CHECK(aios_engine_authorize(engine, aios_text(request), &permit, NULL) == AIOS_OK);
    for (int round = 0; round < 8; round++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) child(engine, permit);
        CHECK(pid > 0);
        use(engine);
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    enough = 1;
    CHECK(pthread_join(thread, NULL) == 0);
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

static aios_engine *started;

static void *start(void *told) {
    for (int at = 0; at < 1000; at++)
        if (aios_engine_authorize_async(started, aios_text(request), permitted, told, NULL) != AIOS_OK) break;
    return NULL;
}

/* Some work is waiting for a silent server, some being written, some being started by another thread. */
static int ends_early(aios_engine *engine, aios_engine *silent) {
    static struct pipe told;
    pthread_t thread;
    char how;
    started = engine;
    CHECK(pipe(told.ends) == 0);
    CHECK(aios_engine_authenticate_async(silent, aios_text(presented), identified, NULL, NULL) == AIOS_OK);
    CHECK(pthread_create(&thread, NULL, start, &told) == 0);
    CHECK(read(told.ends[0], &how, 1) == 1);
    return 0;
}

int main(int count, char **arguments) {
    CHECK(count == 6);
    request = arguments[3], presented = arguments[4];
    aios_engine *engine = opened(arguments[2]);
    return strcmp(arguments[1], "fork") == 0 ? forks(engine) : ends_early(engine, opened(arguments[5]));
}
