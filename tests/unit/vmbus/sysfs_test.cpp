#include "bus/vmbus/sysfs.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "fake_sysfs.hpp"

namespace vmbus::bus {
namespace {

class Sysfs : public ::testing::Test {
protected:
    int number_error(const std::string& text) {
        tree.write("x", text);
        return sysfs::read_number(tree.path("x")).error();
    }
    std::int64_t number(const std::string& text) {
        tree.write("x", text);
        return sysfs::read_number(tree.path("x")).value();
    }

    test::FakeSysfs tree;
};

TEST_F(Sysfs, ReadsTheFirstLineWithoutItsNewline) {
    tree.write("name", "txrx_rings\nmore");
    EXPECT_EQ(sysfs::read_line(tree.path("name")).value(), "txrx_rings");
}

TEST_F(Sysfs, ReportsAMissingAttribute) {
    EXPECT_EQ(sysfs::read_line(tree.path("none")).error(), ENOENT);
}

TEST_F(Sysfs, RefusesALineLongerThanAnyAttribute) {
    tree.write("name", std::string(1000, 'x'));
    EXPECT_EQ(sysfs::read_line(tree.path("name")).error(), EFBIG);
}

TEST_F(Sysfs, ReadsDecimalNegativeAndHexadecimalNumbers) {
    EXPECT_EQ(number("14"), 14);
    EXPECT_EQ(number("-1"), -1);
    EXPECT_EQ(number("0x0000000001f00000"), 0x1f00000);
}

TEST_F(Sysfs, RefusesWhatIsNoNumber) {
    EXPECT_EQ(number_error(""), EINVAL);
    EXPECT_EQ(number_error("14 relids"), EINVAL);
    EXPECT_EQ(number_error("0x"), EINVAL);
    EXPECT_EQ(number_error("99999999999999999999"), EINVAL);
}

TEST_F(Sysfs, ReadsAGuidInBraces) {
    tree.write("class_id", test::kNicClassText);
    EXPECT_EQ(sysfs::read_guid(tree.path("class_id")).value(), wire::kNicClass);
}

TEST_F(Sysfs, RefusesAShortGuid) {
    tree.write("class_id", "{f8615163-df3e-46c5-913f}");
    EXPECT_EQ(sysfs::read_guid(tree.path("class_id")).error(), EINVAL);
}

TEST_F(Sysfs, ListsEntriesSortedWithoutHiddenOnes) {
    tree.write("b", "");
    tree.write("a", "");
    tree.write(".hidden", "");
    EXPECT_EQ(sysfs::list(tree.root()).value(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Sysfs, FindsTheUioNumberAmongOtherNames) {
    tree.write("nic/uio/power/control", "auto");
    tree.write("nic/uio/uio12/name", "uio_hv_generic");
    EXPECT_EQ(sysfs::uio_number(tree.path("nic")), 12);
}

TEST_F(Sysfs, HasNoUioNumberWithoutADirectoryOfThatForm) {
    tree.write("nic/uio/uioX/name", "uio_hv_generic");
    EXPECT_EQ(sysfs::uio_number(tree.path("nic")), std::nullopt);
    EXPECT_EQ(sysfs::uio_number(tree.path("none")), std::nullopt);
}

}  // namespace
}  // namespace vmbus::bus
