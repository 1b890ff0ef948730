// RecordReader: a record file (record.hpp), record by record. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/record.hpp"

struct pcap;

namespace vmbus::host {

class RecordReader {
public:
    /// "-" reads standard input. nullptr and one line in `why` when it is no record file.
    static std::unique_ptr<RecordReader> open(const std::string& file, std::string& why);
    ~RecordReader();
    RecordReader(const RecordReader&) = delete;
    RecordReader& operator=(const RecordReader&) = delete;

    /// The next record, valid until the next call. Nothing at the end, or where the file is broken:
    /// then error() says how.
    std::optional<Record> next();
    const std::string& error() const noexcept { return error_; }

private:
    explicit RecordReader(pcap* file) : file_(file) {}

    pcap* const file_;
    std::uint64_t read_ = 0;
    std::string error_;
};

}  // namespace vmbus::host
