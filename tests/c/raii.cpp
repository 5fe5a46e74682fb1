// The header in C++17: handles in unique_ptr, refusals as exceptions, a callback that fills a promise.
#define AIOS_TESTING
#include <aios.h>

#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

template <auto release> struct Release {
    template <typename T> void operator()(T *owned) const { release(owned); }
};
using Clock = std::unique_ptr<aios_clock, Release<aios_clock_free>>;
using Engine = std::unique_ptr<aios_engine, Release<aios_engine_free>>;
using Permit = std::unique_ptr<aios_permit, Release<aios_permit_free>>;
using Error = std::unique_ptr<aios_error, Release<aios_error_free>>;

struct Refused : std::runtime_error {
    explicit Refused(Error error) : std::runtime_error(aios_error_message(error.get())), code(aios_error_code(error.get())) {}
    std::string code;
};

static aios_str lend(const std::string &text) { return {text.data(), text.size()}; }

// Calls an operation that gives a handle.
template <typename Owned, typename Operation, typename... On> Owned made(Operation operation, const std::string &request, On... on) {
    typename Owned::pointer handle = nullptr;
    aios_error *error = nullptr;
    const aios_status status = operation(on..., lend(request), &handle, &error);
    if (status != AIOS_OK) throw Refused(Error(error));
    return Owned(handle);
}

static std::string text(aios_buf buf) {
    std::string copy(buf.data, buf.len);
    aios_buf_free(&buf);
    return copy;
}

static void fill(void *promise, aios_status status, aios_permit *permit, aios_error *error) noexcept {
    auto &there = *static_cast<std::promise<Permit> *>(promise);
    if (status == AIOS_OK) there.set_value(Permit(permit));
    else there.set_exception(std::make_exception_ptr(Refused(Error(error))));
}

int main(int, char **arguments) {
    const auto clock = made<Clock>(aios_kit_clock, "{\"seconds\": 1800000000}");
    auto engine = made<Engine>(aios_clock_engine, arguments[1], clock.get());
    const auto permit = made<Permit>(aios_engine_authorize, arguments[2], engine.get());
    aios_buf view;
    if (aios_permit_view(permit.get(), aios_text("{}"), &view, nullptr) != AIOS_OK) return 1;
    if (text(view).find("\"action\":\"read\"") == std::string::npos) return 2;

    std::promise<Permit> promise;
    if (aios_engine_authorize_async(engine.get(), lend(arguments[2]), fill, &promise, nullptr) != AIOS_OK) return 3;
    engine.reset();
    if (!promise.get_future().get()) return 4;
    try {
        made<Engine>(aios_host_open, "{}");
        return 5;
    } catch (const Refused &refused) {
        return refused.code == AIOS_CODE_CONFIG_INVALID ? 0 : 6;
    }
}
