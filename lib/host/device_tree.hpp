// DeviceTree: the folder that plays sysfs, with one directory per NIC in the form of Linux' vmbus
// bus and uio class, and the files that play guest memory. Ordinary files throughout; the preload
// library makes them look like the kernel's.
//
// Owned by the host, on its thread. The folder is private (mode 0700) and on a tmpfs; whoever
// removes it in the end is the guardian (process.hpp). Guests may read while we write: a directory
// is built aside and appears in one rename.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "host/face/protocol.hpp"

namespace vmbus::host {

/// One of the five regions that /dev/uioN maps.
struct MapNode {
    std::string name;  // "recv:925200": the number behind the colon is the GPADL handle
    std::uint64_t size = 0;
};

/// channels/<relid> of a NIC. The primary channel has one too.
struct ChannelNode {
    std::uint32_t relid = 0;
    std::uint32_t subchannel_index = 0;  // 0: primary
    std::optional<unsigned> monitor_id;  // nothing: the channel has no monitor bit
    unsigned cpu = 0;
};

struct NicNode {
    std::string instance;  // GUID, lower case, without braces: the name of the directory
    unsigned number = 0;   // the N of uioN
    bool bound = true;     // to uio_hv_generic; else there is neither uioN nor `ring`
    ChannelNode primary;
    int numa_node = 0;
    std::array<MapNode, face::kMapCount> maps;
};

/// Functions that return int give 0 or an errno.
class DeviceTree {
public:
    /// Makes a new private folder where there is more room: $XDG_RUNTIME_DIR or /dev/shm.
    static base::Result<DeviceTree> create() noexcept;

    /// The folder, canonical: the value of VMBUS_FACE_ROOT.
    const std::string& root() const noexcept { return root_; }

    /// A new sparse file below mem/, named for example "nic0.map3". EEXIST when there is one.
    base::Result<base::UniqueFd> create_memory(const std::string& name,
                                               std::uint64_t size) const noexcept;
    int remove_memory(const std::string& name) const noexcept;

    /// What stat() says of the size of each `ring`; 0: the truth.
    int set_ring_file_size(std::uint64_t size) const noexcept;
    /// What uname() tells the guest. 0 or errno.
    int set_kernel_release(const std::string& release) const noexcept;

    /// Where the host listens for open("/dev/uioN").
    std::string socket_path(unsigned number) const;

    /// Offers a NIC: its directory, its uio class entry, its primary channel without the ring.
    int add_nic(const NicNode& nic) const noexcept;
    /// Takes all of it away, as rescind does.
    int remove_nic(const NicNode& nic) const noexcept;

    int add_channel(const NicNode& nic, const ChannelNode& channel) const noexcept;
    int remove_channel(const NicNode& nic, std::uint32_t relid) const noexcept;
    /// Shows channels/<relid>/ring: another name of a memory file. In the kernel, too, it comes
    /// after the directory.
    int expose_ring(const NicNode& nic, std::uint32_t relid,
                    const std::string& memory) const noexcept;

    /// The `state` attribute: 0 offered, 1 opening, 2 open, 3 opened.
    int set_state(const NicNode& nic, unsigned state) const noexcept;
    /// The `channel_vp_mapping` attribute: one "relid:cpu" line per channel.
    int set_channel_mapping(const NicNode& nic, const std::string& lines) const noexcept;

private:
    explicit DeviceTree(std::string root) noexcept : root_(std::move(root)) {}

    std::string device_directory(const NicNode& nic) const;
    std::string channel_directory(const NicNode& nic, std::uint32_t relid) const;
    int link_nic(const NicNode& nic) const noexcept;
    int discard(const std::string& directory) const noexcept;

    std::string root_;
};

}  // namespace vmbus::host
