// vmbus-dump: what guest and host say to each other, in words.
//
//   vmbus-dump FILE            a session that `vmbus-host run --record FILE` wrote
//   vmbus-dump rings ...       rings as they are now, of an emulated host or of this machine
//
// Exit statuses: 0, 1 when a file cannot be read or ends in the middle, 2 for a wrong command line.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "record_file.hpp"
#include "rings.hpp"

namespace {

using namespace vmbus::dump;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr const char* kRealDevices = "/sys/bus/vmbus/devices";

struct RingArguments {
    std::vector<std::string> files;
    std::string root;
    std::size_t history = 8;
};

void declare(CLI::App& app, RecordArguments& record, RingArguments& rings) {
    app.add_option("FILE", record.file, "A record file; - reads standard input");
    app.add_option("--nic", record.nic, "Only this NIC, from 0")->type_name("N");
    app.add_option("--channel", record.channel, "Only this channel, 0 is the primary one")
        ->type_name("N");
    app.add_option("--count", record.count, "End after so many records")->type_name("N");
    app.add_flag("--no-data", record.no_data, "Leave out frames and the packets that carry them");
    app.add_flag("--hex", record.hex, "Show the bytes of each packet as well");
    CLI::App* live = app.add_subcommand("rings", "Show rings as they are now");
    live->add_option("RING", rings.files, "channels/<relid>/ring files");
    live->add_option("--root", rings.root,
                     "The folder of an emulated host, as VMBUS_FACE_ROOT names it; without it and "
                     "without RING: this machine's devices")
        ->type_name("DIR");
    live->add_option("--history", rings.history, "Show so many packets before the write index (8)")
        ->type_name("N");
}

bool rings_to_lines(const RingArguments& rings, Lines& lines, std::string& why) {
    if (rings.files.empty()) {
        return add_devices(rings.root + kRealDevices, rings.history, lines, why);
    }
    for (const std::string& file : rings.files) {
        lines.push_back(file);
        if (!add_ring_file(file, rings.history, lines, why)) {
            return false;
        }
    }
    return true;
}

int dump_rings(const RingArguments& rings) {
    Lines lines;
    std::string why;
    const bool good = rings_to_lines(rings, lines, why);
    for (const std::string& line : lines) {
        fmt::print("{}\n", line);
    }
    if (!good) {
        fmt::print(stderr, "vmbus-dump: {}\n", why);
    }
    return good ? 0 : kFailed;
}

int run(int argc, char** argv) {
    RecordArguments record;
    RingArguments rings;
    CLI::App app("vmbus-dump: what guest and host say to each other, in words", "vmbus-dump");
    app.set_version_flag("--version", VMBUS_VERSION);
    declare(app, record, rings);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "vmbus-dump: {} (see vmbus-dump --help)\n", error.what());
        return kUsage;
    }
    if (app.got_subcommand("rings")) {
        return dump_rings(rings);
    }
    if (record.file.empty()) {
        fmt::print(stderr, "vmbus-dump: what to show is missing (see vmbus-dump --help)\n");
        return kUsage;
    }
    std::string why;
    if (!dump_record_file(record, why)) {
        fmt::print(stderr, "vmbus-dump: {}\n", why);
        return kFailed;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "vmbus-dump: %s\n", error.what());
        return kFailed;
    }
}
