/* Reads operations from standard input and prints what they give: every operation of aios.h, without a list of its own.
 *
 *     cc -o operations operations.c $(pkg-config --cflags --libs aios) -pthread
 *
 * A line in: <name> <on> <operation> <request>, for example `permit engine authorize {"credential": ...}`. A handle is kept under the
 * name; `<operation>_async` waits for a callback; `free` frees the handle. `host` and `kit` are there from the start.
 * A line out: `data <json>`, `handle <kind>`, or `refused <status> <json>`. `operations --list` prints operations and codes. */
#define _POSIX_C_SOURCE 200809L
#define AIOS_TESTING
#include <aios.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct given { aios_status status; aios_buf data; void *handle; aios_error *error; int there; };
struct row { const char *on, *operation, *gives; void (*run)(void *, aios_str, struct given *); void (*free)(void *); };
struct kept { char *name; void *handle; const struct row *from; struct kept *next; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;

#define TYPE_data(answer) aios_buf
#define TYPE_handle(answer) aios_##answer *
#define ON_process(receiver)
#define ON_handle(receiver) (const aios_##receiver *)on,
#define FREE_data(name, answer)
#define FREE_handle(name, answer) static void free_##name(void *handle) { aios_##answer##_free((aios_##answer *)handle); }
#define AWAIT_now(name, on, gives, answer)
#define AWAIT_waits(name, on_, gives, answer) \
    static void told_##name(void *to, aios_status status, TYPE_##gives(answer) got, aios_error *error) { \
        struct given *given = (struct given *)to; \
        pthread_mutex_lock(&lock); \
        given->status = status, given->gives = got, given->error = error, given->there = 1; \
        pthread_cond_signal(&told); \
        pthread_mutex_unlock(&lock); \
    } \
    static void await_##name(void *on, aios_str request, struct given *given) { \
        aios_status started = aios_##name##_async(on_ request, told_##name, given, NULL); \
        (void)on; \
        pthread_mutex_lock(&lock); \
        if (started != AIOS_OK) given->status = started, given->there = 1; \
        while (!given->there) pthread_cond_wait(&told, &lock); \
        pthread_mutex_unlock(&lock); \
    }
#define FUNCTIONS(receiver, operation, on_, gives, answer, when) \
    FREE_##gives(receiver##_##operation, answer) \
    static void run_##receiver##_##operation(void *on, aios_str request, struct given *given) { \
        TYPE_##gives(answer) got; \
        (void)on; \
        given->status = aios_##receiver##_##operation(ON_##on_(receiver) request, &got, &given->error); \
        given->gives = got; \
    } \
    AWAIT_##when(receiver##_##operation, ON_##on_(receiver), gives, answer)
AIOS_OPERATIONS(FUNCTIONS)
AIOS_TESTING_OPERATIONS(FUNCTIONS)

#define FREED_data(name) NULL
#define FREED_handle(name) free_##name
#define AWAITED_now(receiver, operation, on, gives, answer)
#define AWAITED_waits(receiver, operation, on, gives, answer) \
    {#receiver, #operation "_async", #answer, await_##receiver##_##operation, FREED_##gives(receiver##_##operation)},
#define ROW(receiver, operation, on, gives, answer, when) \
    {#receiver, #operation, #answer, run_##receiver##_##operation, FREED_##gives(receiver##_##operation)}, \
    AWAITED_##when(receiver, operation, on, gives, answer)
static const struct row rows[] = {AIOS_OPERATIONS(ROW) AIOS_TESTING_OPERATIONS(ROW)};

static const struct row *find(const char *on, const char *operation) {
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++)
        if (!strcmp(rows[at].on, on) && !strcmp(rows[at].operation, operation)) return &rows[at];
    return NULL;
}

static struct kept **place(struct kept **all, const char *name) {
    while (*all != NULL && strcmp((*all)->name, name) != 0) all = &(*all)->next;
    return all;
}

static void drop(struct kept **at) {
    struct kept *old = *at;
    if (old == NULL) return;
    *at = old->next;
    old->from->free(old->handle);
    free(old->name);
    free(old);
}

static void keep(struct kept **all, const char *name, void *handle, const struct row *from) {
    struct kept *new = (struct kept *)malloc(sizeof *new);
    drop(place(all, name));
    if (new == NULL || (new->name = strdup(name)) == NULL) abort();
    new->handle = handle, new->from = from, new->next = *all;
    *all = new;
}

static void call(struct kept **all, const char *name, const char *on, const char *operation, const char *request) {
    struct kept **at = place(all, on);
    const struct row *row = find(*at == NULL ? on : (*at)->from->gives, operation);
    struct given given = {AIOS_OK, {NULL, 0}, NULL, NULL, 0};
    if (*at != NULL && strcmp(operation, "free") == 0) {
        drop(at);
        puts("data {}");
        return;
    }
    if (row == NULL) {
        printf("unknown %s %s\n", on, operation);
        return;
    }
    row->run(*at == NULL ? NULL : (*at)->handle, aios_text(request), &given);
    if (given.status != AIOS_OK) printf("refused %d %s\n", (int)given.status, aios_error_json(given.error));
    else if (given.handle == NULL) printf("data %s\n", given.data.data);
    else printf("handle %s\n", row->gives), keep(all, name, given.handle, row);
    aios_buf_free(&given.data);
    aios_error_free(given.error);
}

#define CODE(name, text, status, sentence) puts("code " text);
int main(int count, char **arguments) {
    struct kept *all = NULL;
    char *line = NULL, *rest, *name, *on, *operation;
    size_t room = 0;
    if (count > 1 && strcmp(arguments[1], "--list") == 0) {
        for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) printf("operation %s.%s\n", rows[at].on, rows[at].operation);
        AIOS_CODES(CODE)
        return 0;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (getline(&line, &room, stdin) > 0) {
        name = strtok_r(line, " \n", &rest), on = strtok_r(NULL, " \n", &rest), operation = strtok_r(NULL, " \n", &rest);
        if (operation != NULL) call(&all, name, on, operation, strtok_r(NULL, "\n", &rest));
    }
    while (all != NULL) drop(&all);
    free(line);
    return 0;
}
