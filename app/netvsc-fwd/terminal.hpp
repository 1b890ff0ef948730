// Terminal: shows lines of text in place of those that it showed before, without its cursor and
// never more than fit, and gives the terminal back as it was. Main thread only.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace netvsc_fwd {

struct TerminalSize {
    std::size_t rows = 24;
    std::size_t columns = 80;
};

/// What a terminal has to be sent so that these lines stand where `shown` lines stood, above the
/// cursor.
std::string redraw(std::size_t shown, const std::vector<std::string>& lines);

/// No line is too long; when there are too many, the last one that fits says so.
std::vector<std::string> fitted(std::vector<std::string> lines, const TerminalSize& size);

class Terminal {
public:
    /// Whether standard output is one that a cursor can be moved on.
    static bool usable();

    Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal();

    void show(const std::vector<std::string>& lines);

private:
    std::size_t shown_ = 0;
};

}  // namespace netvsc_fwd
