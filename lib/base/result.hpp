// Result<T>: a value, or the errno that stands in its way. C++20 has no std::expected, and the
// drivers are built without exceptions. For failures of the world, never for our own bugs.
#pragma once

#include <cassert>
#include <optional>
#include <utility>

namespace vmbus::base {

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) noexcept : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

    /// Requires: code > 0, an errno number.
    static Result error(int code) noexcept {
        assert(code > 0);
        return Result(ErrorTag{}, code);
    }

    bool ok() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return ok(); }

    /// 0 when ok(), otherwise a positive errno.
    int error() const noexcept { return error_; }

    /// Requires: ok().
    T& value() & noexcept {
        assert(ok());
        return *value_;
    }
    const T& value() const& noexcept {
        assert(ok());
        return *value_;
    }
    T&& value() && noexcept {
        assert(ok());
        return std::move(*value_);
    }

private:
    struct ErrorTag {};
    Result(ErrorTag /*tag*/, int code) noexcept : error_(code) {}

    std::optional<T> value_;
    int error_ = 0;
};

}  // namespace vmbus::base
