#include "bus/vmbus/uio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.hpp"
#include "fake_sysfs.hpp"

namespace vmbus::bus {
namespace {

using ::testing::HasSubstr;

class Uio : public ::testing::Test {
protected:
    Uio() { tree.bind("nic", 0); }

    int read() { return read_layout(tree.path("nic/uio/uio0/maps"), layout, problem); }
    void set(const std::string& attribute, const std::string& value) {
        tree.write("nic/uio/uio0/maps/" + attribute, value);
    }

    test::FakeSysfs tree;
    UioLayout layout;
    std::string problem;
};

TEST_F(Uio, ReadsSizesAndGpadlHandles) {
    ASSERT_EQ(read(), 0) << problem;
    EXPECT_EQ(layout.sizes,
              (std::array<std::size_t, kMaps>{0x400000, 0x1000, 0x1000, 0x1f00000, 0x1000000}));
    EXPECT_EQ(layout.receive_gpadl, 925200U);
    EXPECT_EQ(layout.send_gpadl, 925201U);
}

TEST_F(Uio, RefusesEachMissingMapAndNamesIt) {
    for (const std::string map : {"map0", "map1", "map2", "map3", "map4"}) {
        tree.bind("nic", 0);
        tree.remove("nic/uio/uio0/maps/" + map);
        EXPECT_EQ(read(), -EINVAL);
        EXPECT_THAT(problem, HasSubstr(map));
    }
}

TEST_F(Uio, RefusesEachMapOfAnotherName) {
    for (const std::string map : {"map0", "map1", "map2", "map3", "map4"}) {
        tree.bind("nic", 0);
        set(map + "/name", "framebuffer");
        EXPECT_EQ(read(), -EINVAL);
        EXPECT_THAT(problem, HasSubstr(map + " is 'framebuffer'"));
    }
}

TEST_F(Uio, RefusesSizesThatCannotHoldWhatBelongsThere) {
    set("map0/size", "0x2000");
    EXPECT_EQ(read(), -EINVAL);
    tree.bind("nic", 0);
    set("map2/size", "0xfff");
    EXPECT_EQ(read(), -EINVAL);
    EXPECT_THAT(problem, HasSubstr("at least 4096"));
    tree.bind("nic", 0);
    set("map3/size", "-1");
    EXPECT_EQ(read(), -EINVAL);
}

TEST_F(Uio, RefusesABufferWithoutAHandle) {
    set("map4/name", "send:");
    EXPECT_EQ(read(), -EINVAL);
    EXPECT_THAT(problem, HasSubstr("GPADL"));
}

TEST(UioGpadl, IsTheDecimalNumberBehindThePrefix) {
    EXPECT_EQ(gpadl_in_name("recv:925200", "recv:"), 925200U);
    EXPECT_EQ(gpadl_in_name("recv:4294967295", "recv:"), 4294967295U);
}

TEST(UioGpadl, IsNothingElse) {
    for (const char* name : {"", "recv", "recv:", "send:1", "recv:-1", "recv: 1", "recv:0xe1e10",
                             "recv:1 ", "recv:4294967296"}) {
        EXPECT_EQ(gpadl_in_name(name, "recv:"), std::nullopt) << name;
    }
}

TEST_F(Uio, MapsEachRegionAtAsManyPagesAsItsNumber) {
    const base::UniqueFd file(::memfd_create("uio", 0));
    ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(5 * base::system_page_size())), 0);
    layout.sizes.fill(base::system_page_size());
    std::array<base::Mapping, kMaps> maps;
    ASSERT_EQ(map_regions(file.get(), layout, maps, problem), 0) << problem;
    maps[3].data()[0] = std::byte{42};
    char seen = 0;
    ASSERT_EQ(::pread(file.get(), &seen, 1, static_cast<off_t>(3 * base::system_page_size())), 1);
    EXPECT_EQ(seen, 42);
}

TEST_F(Uio, LeavesNothingMappedWhenOneRegionFails) {
    const base::UniqueFd file(::memfd_create("uio", 0));
    layout.sizes.fill(base::system_page_size());
    layout.sizes[4] = 0;
    std::array<base::Mapping, kMaps> maps;
    EXPECT_EQ(map_regions(file.get(), layout, maps, problem), -EINVAL);
    EXPECT_THAT(problem, HasSubstr("map4 cannot be mapped"));
    EXPECT_FALSE(maps[0]);
}

}  // namespace
}  // namespace vmbus::bus
