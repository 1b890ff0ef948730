// netvsc-bench: how fast a driver is, through the plain ethdev API of any DPDK port.
//
//   netvsc-bench EAL-ARGUMENTS -- --measure tx    one measurement in this process, one line of JSON
//   netvsc-bench compare --out FOLDER             our driver beside the distribution's, each on the
//                                                 emulated host, in turn; prints the ratio table
#include <rte_eal.h>
#include <rte_errno.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "compare.hpp"
#include "measurement.hpp"
#include "options.hpp"

namespace {

void write_line(const std::string& line, const std::string& file) {
    if (file.empty()) {
        std::printf("%s\n", line.c_str());
    } else if (!(std::ofstream(file, std::ios::trunc) << line << '\n')) {
        throw std::runtime_error("cannot write " + file);
    }
}

int measure_here(int argc, char** argv) {
    int status = 0;
    const auto options = netvsc_bench::parse_options(argc, argv, status);
    if (!options) {
        return status;
    }
    if (rte_eal_init(argc, argv) < 0) {
        std::fprintf(stderr, "netvsc-bench: EAL cannot start: %s\n", rte_strerror(rte_errno));
        return 1;
    }
    try {
        write_line(netvsc_bench::json_line(*options, netvsc_bench::measure(*options)),
                   options->json);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "netvsc-bench: %s\n", error.what());
        status = 1;
    }
    rte_eal_cleanup();
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "compare") {
        return netvsc_bench::compare(argc - 1, argv + 1);
    }
    return measure_here(argc, argv);
}
