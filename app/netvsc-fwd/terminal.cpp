#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace netvsc_fwd {
namespace {

// ECMA-48, and the DEC private modes that every terminal has.
constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kShowCursor = "\x1b[?25h";
constexpr std::string_view kEraseToEndOfLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

void write_out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

TerminalSize size_now() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
        return {};
    }
    return {.rows = size.ws_row, .columns = size.ws_col};
}

}  // namespace

std::string redraw(std::size_t shown, const std::vector<std::string>& lines) {
    std::string text;
    if (shown != 0) {
        text += "\x1b[" + std::to_string(shown) + "A";  // up so many lines
    }
    for (const std::string& line : lines) {
        text += '\r';
        text += line;
        text += kEraseToEndOfLine;
        text += '\n';
    }
    text += kEraseBelow;
    return text;
}

std::vector<std::string> fitted(std::vector<std::string> lines, const TerminalSize& size) {
    const std::size_t room = size.rows > 1 ? size.rows - 1 : 1;  // the cursor's line stays free
    if (lines.size() > room) {
        const std::size_t hidden = lines.size() - room + 1;
        lines.resize(room);
        lines.back() = "(" + std::to_string(hidden) + " more lines than fit)";
    }
    for (std::string& line : lines) {
        line.resize(std::min(line.size(), size.columns));
    }
    return lines;
}

bool Terminal::usable() {
    const char* const kind = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

Terminal::Terminal() {
    write_out(kHideCursor);
}

Terminal::~Terminal() {
    write_out(kShowCursor);
}

void Terminal::show(const std::vector<std::string>& lines) {
    const auto fitting = fitted(lines, size_now());
    write_out(redraw(shown_, fitting));
    shown_ = fitting.size();
}

}  // namespace netvsc_fwd
