#include "status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::HasSubstr;

struct StatusTest : testing::Test, PlayedMachine {
    StatusTest() {
        sysfs.put("/proc/net/route",
                  "Iface Destination Gateway Flags RefCnt Use Metric "
                  "Mask\neth1 00000000 010200C0 0003 0 0 0 00000000");
    }
    nlohmann::json device(std::size_t at) const {
        return nlohmann::json::parse(
            status_json(read_nics(tree, records), read_surroundings(tree, nullptr))
                .dump())["devices"][at];
    }
};

TEST_F(StatusTest, JsonHasTheKeysThatScriptsRelyOn) {
    const auto first = device(0);
    for (const char* key : {"uuid", "class", "ifname", "mac", "driver", "uio", "numa", "channels",
                            "vf", "state", "safe_to_bind", "reasons"}) {
        EXPECT_TRUE(first.contains(key)) << key;
    }
    EXPECT_EQ(first["class"], "f8615163-df3e-46c5-913f-f2d2f965ed0e");
    EXPECT_EQ(first["state"], "kernel");
    EXPECT_EQ(first["safe_to_bind"], false);
    EXPECT_EQ(first["reasons"], nlohmann::json::array({"default-route"}));
    EXPECT_TRUE(first["vf"].is_null());
}

TEST_F(StatusTest, JsonTellsOfTheVf) {
    const auto second = device(1);
    EXPECT_EQ(second["safe_to_bind"], true);
    EXPECT_EQ(second["vf"], (nlohmann::json{{"pci", "0002:00:02.0"},
                                            {"ifname", "enP2s2"},
                                            {"driver", "mlx5_core"},
                                            {"state", "down"}}));
}

TEST_F(StatusTest, ABoundNicHasNoReasonsAndItsOldAddress) {
    ASSERT_EQ(bind({kSecond}), Exit::kOk) << said;
    const auto second = device(1);
    EXPECT_EQ(second["state"], "uio");
    EXPECT_EQ(second["uio"], "uio0");
    EXPECT_TRUE(second["ifname"].is_null());
    EXPECT_EQ(second["mac"], "00:15:5d:00:00:02");
    EXPECT_EQ(second["earlier_ifname"], "eth2");
}

TEST_F(StatusTest, TextIsGroupedAsDevbindDoes) {
    ASSERT_EQ(bind({kSecond}), Exit::kOk) << said;
    const auto text = status_text(read_nics(tree, records), read_surroundings(tree, nullptr));
    const auto bound = text.find("on uio_hv_generic");
    const auto others = text.find("on the kernel driver");
    EXPECT_LT(bound, text.find(kSecond));
    EXPECT_LT(text.find(kSecond), others);
    EXPECT_LT(others, text.find(kFirst));
    EXPECT_THAT(text, HasSubstr("not safe to bind: it has the default route"));
    EXPECT_THAT(text,
                HasSubstr("Other VMBus network devices\n===========================\n<none>"));
}

TEST_F(StatusTest, ANicWithoutADriverIsUnbound) {
    ASSERT_EQ(sysfs.write("/sys/bus/vmbus/drivers/hv_netvsc/unbind", kFirst), 0);
    EXPECT_EQ(device(0)["state"], "unbound");
}

}  // namespace
}  // namespace vmbus::devbind
