// The private protocol between the preload library in the guest's process and the host.
//
// A guest's open("/dev/uioN") connects to the host's AF_UNIX SOCK_SEQPACKET socket of that device.
// The host answers with one Hello that carries the file descriptors. From then on the connection
// itself is the guest's file: each message from the host is one event, its end is the device's end.
// The control socket that came with the Hello answers write(), and lives as long as the open file
// does: its end tells the host that the guest released the device.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace vmbus::host::face {

inline constexpr char kRootVariable[] = "VMBUS_FACE_ROOT";
inline constexpr char kLibraryName[] = "libvmbus_face.so";

/// Below the root: a number, what stat() says of the size of each `ring`; 0 or no file: the truth.
inline constexpr char kRingFileSize[] = "/ring_file_size";
/// Below the root: a line, what uname() says of the kernel's release; no file: the truth.
inline constexpr char kKernelRelease[] = "/kernel_release";

/// Linux gives UIO a dynamic major number; this one is from the range for local use (Linux
/// admin-guide/devices.txt).
inline constexpr unsigned kUioMajor = 240;

/// MAX_UIO_MAPS of Linux include/linux/uio_driver.h; uio_hv_generic uses all of them for a NIC.
inline constexpr std::size_t kMapCount = 5;

/// The control socket, then one file per map.
inline constexpr std::size_t kHelloDescriptors = 1 + kMapCount;

inline constexpr std::uint32_t kHelloMagic = 0x31464d56;  // "VMF1"

/// Host to guest, first message of a connection.
struct Hello {
    std::uint32_t magic;
    std::int32_t error;  // errno for open(); when not 0, no descriptors follow
    std::array<std::uint64_t, kMapCount> map_size;
};

/// Host to guest, one per interrupt. Carries the total, so that a lost message loses no event.
struct Event {
    std::int32_t total;
};

/// Guest to host on the control socket: one write() of the guest.
struct ControlRequest {
    std::uint32_t sequence;
    std::int32_t value;
};

/// Host to guest on the control socket. write() waits for it: in the kernel the interrupt mask has
/// changed before write() returns, and a driver that stores to the mask itself right after depends
/// on that order.
struct ControlReply {
    std::uint32_t sequence;
    std::int32_t error;
};

template <typename Message>
concept PlainMessage = std::is_trivially_copyable_v<Message> &&
    std::is_standard_layout_v<Message> && std::has_unique_object_representations_v<Message>;

static_assert(PlainMessage<Hello> && sizeof(Hello) == 48);
static_assert(PlainMessage<Event> && sizeof(Event) == 4,
              "a read of the guest is one event of 4 bytes");
static_assert(PlainMessage<ControlRequest> && sizeof(ControlRequest) == 8);
static_assert(PlainMessage<ControlReply> && sizeof(ControlReply) == 8);

}  // namespace vmbus::host::face
