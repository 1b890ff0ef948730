// GUIDs: 16 bytes, the first three fields little-endian, text both ways.
// Text is the lower-case form of sysfs, with or without braces:
// f8615163-df3e-46c5-913f-f2d2f965ed0e.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/wire_type.hpp"

namespace vmbus::wire {

struct Guid {
    std::array<std::uint8_t, 16> bytes{};

    constexpr auto operator<=>(const Guid&) const = default;
};
static_assert(WireType<Guid> && sizeof(Guid) == 16);

namespace detail {

/// Where the n-th pair of hex digits of the text goes: the first three fields are stored reversed.
inline constexpr std::array<std::uint8_t, 16> kTextOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                            8, 9, 10, 11, 12, 13, 14, 15};

constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool dash_before(std::size_t pair) noexcept {
    return pair == 4 || pair == 6 || pair == 8 || pair == 10;
}

}  // namespace detail

/// Parses the 36-character text, braces around it allowed. Nothing on any deviation.
constexpr std::optional<Guid> parse_guid(std::string_view text) noexcept {
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, 36);
    }
    if (text.size() != 36) {
        return std::nullopt;
    }
    Guid guid;
    std::size_t at = 0;
    for (std::size_t pair = 0; pair < 16; ++pair) {
        if (detail::dash_before(pair) && text[at++] != '-') {
            return std::nullopt;
        }
        const int high = detail::hex_digit(text[at]);
        const int low = detail::hex_digit(text[at + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        guid.bytes[detail::kTextOrder[pair]] = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return guid;
}

void bad_guid_literal();  // never defined: naming it makes a wrong literal a compile error

consteval Guid guid_literal(std::string_view text) {
    const auto guid = parse_guid(text);
    if (!guid) {
        bad_guid_literal();
    }
    return *guid;
}

/// The 36-character lower-case text, without braces.
inline std::string to_string(const Guid& guid) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t pair = 0; pair < 16; ++pair) {
        if (detail::dash_before(pair)) {
            text += '-';
        }
        const std::uint8_t byte = guid.bytes[detail::kTextOrder[pair]];
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

/// Interface GUID of a synthetic NIC (Linux include/linux/hyperv.h, HV_NIC_GUID).
inline constexpr Guid kNicClass = guid_literal("f8615163-df3e-46c5-913f-f2d2f965ed0e");
static_assert(kNicClass.bytes[0] == 0x63 && kNicClass.bytes[15] == 0x0e,
              "the first field is little-endian, the last is bytes as written");

}  // namespace vmbus::wire
