// A record file from its first packet to its last, on standard output. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace vmbus::dump {

struct RecordArguments {
    std::string file;
    std::optional<unsigned> nic;
    std::optional<unsigned> channel;
    std::uint64_t count = UINT64_MAX;
    bool no_data = false;  ///< only what sets up and controls
    bool hex = false;
};

/// False and one line in `why` when the file cannot be read, or not to its end.
bool dump_record_file(const RecordArguments& arguments, std::string& why);

}  // namespace vmbus::dump
