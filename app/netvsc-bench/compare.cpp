#include "compare.hpp"

#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sizes.hpp"

namespace netvsc_bench {
namespace {

namespace fs = std::filesystem;

/// Beside this program, as the build lays them out.
void find_programs(Workshop& workshop) {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    workshop.self = self;
    workshop.host = self.parent_path() / "vmbus-host";
    workshop.plugin = self.parent_path().parent_path() / "drivers/librte_net_netvsc_uio.so";
}

/// The host on the first CPU that there is, the driver on the last.
void choose_cpus(Workshop& workshop) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    ::sched_getaffinity(0, sizeof cpus, &cpus);
    bool any = false;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &cpus)) {
            workshop.host_cpu = any ? workshop.host_cpu : cpu;
            workshop.driver_cpu = cpu;
            any = true;
        }
    }
}

void declare(CLI::App& app, CompareOptions& options) {
    app.add_option("--out", options.workshop.folder, "folder for runs.jsonl, rows.json, table.md")
        ->required()
        ->type_name("FOLDER");
    app.add_option("--runs", options.runs, "of each case with each driver")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "that each run counts")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();
    app.add_option("--sizes", options.sizes, "of frames")
        ->check(CLI::IsMember(std::vector<std::string>(kSizeNames.begin(), kSizeNames.end())))
        ->capture_default_str();
    app.add_option("--queues", options.queues, "numbers of queues")->capture_default_str();
    app.add_flag("!--no-instructions", options.instructions, "do not count with callgrind");
    app.add_option("--host", options.workshop.host, "vmbus-host")->capture_default_str();
    app.add_option("--plugin", options.workshop.plugin, "our driver")->capture_default_str();
    app.add_option("--host-cpu", options.workshop.host_cpu)->capture_default_str();
    app.add_option("--driver-cpu", options.workshop.driver_cpu)->capture_default_str();
}

void write_results(const std::vector<Row>& rows, const std::string& folder) {
    Json json = Json::array();
    std::ofstream table(folder + "/table.md", std::ios::trunc);
    table << kTableHead;
    std::printf("%s", std::string(kTableHead).c_str());
    for (const Row& row : rows) {
        const std::string line = table_line(row);
        json.push_back(to_json(row));
        table << line;
        std::printf("%s", line.c_str());
    }
    std::ofstream(folder + "/rows.json", std::ios::trunc) << json.dump(1) << '\n';
}

}  // namespace

int compare(int argc, char** argv) {
    CompareOptions options;
    find_programs(options.workshop);
    choose_cpus(options.workshop);
    CLI::App app("Compares our netvsc driver with the distribution's, each on the emulated host.",
                 "netvsc-bench compare");
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    std::error_code error;
    fs::create_directories(options.workshop.folder, error);
    std::ofstream lines(options.workshop.folder + "/runs.jsonl", std::ios::trunc);
    if (!lines) {
        std::fprintf(stderr, "netvsc-bench: cannot write in %s\n", options.workshop.folder.c_str());
        return 1;
    }
    const auto rows = compare_all(options, lines);
    write_results(rows, options.workshop.folder);
    return rows.empty() ? 1 : 0;
}

}  // namespace netvsc_bench
