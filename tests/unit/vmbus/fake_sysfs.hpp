// A sysfs tree of VMBus devices in a temporary folder, removed at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace vmbus::bus::test {

inline const std::string kNicA = "11111111-0000-4000-8000-00000000000a";
inline const std::string kNicB = "22222222-0000-4000-8000-00000000000b";
inline const std::string kNicClassText = "{f8615163-df3e-46c5-913f-f2d2f965ed0e}";

class FakeSysfs {
public:
    FakeSysfs() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sysfs-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    FakeSysfs(const FakeSysfs&) = delete;
    FakeSysfs& operator=(const FakeSysfs&) = delete;
    ~FakeSysfs() { std::filesystem::remove_all(root_); }

    const std::string& root() const { return root_; }
    std::string path(const std::string& name) const { return root_ + "/" + name; }

    /// An attribute: `value` and a newline, as the kernel prints it.
    void write(const std::string& name, const std::string& value) {
        const std::filesystem::path file = path(name);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << value << '\n';
    }
    void remove(const std::string& name) { std::filesystem::remove_all(path(name)); }

    /// A NIC that hv_netvsc has: no uio directory.
    void add_nic(const std::string& instance, unsigned relid = 14) {
        write(instance + "/class_id", kNicClassText);
        write(instance + "/device_id", "{" + instance + "}");
        write(instance + "/id", std::to_string(relid));
        write(instance + "/monitor_id", "5");
        write(instance + "/numa_node", "0");
    }
    /// Binds it to uio_hv_generic.
    void bind(const std::string& instance, unsigned uio) {
        const std::string maps = uio_path(instance, uio) + "/maps/map";
        const char* names[] = {"txrx_rings", "int_page", "monitor_page", "recv:925200",
                               "send:925201"};
        const char* sizes[] = {"0x0000000000400000", "0x0000000000001000", "0x0000000000001000",
                               "0x0000000001f00000", "0x0000000001000000"};
        for (int map = 0; map < 5; ++map) {
            write(maps + std::to_string(map) + "/name", names[map]);
            write(maps + std::to_string(map) + "/size", sizes[map]);
        }
    }
    static std::string uio_path(const std::string& instance, unsigned uio) {
        return instance + "/uio/uio" + std::to_string(uio);
    }

private:
    std::string root_;
};

}  // namespace vmbus::bus::test
