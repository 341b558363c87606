#include "agreement/life.h"

#include <gtest/gtest.h>

#include <string>

namespace entente::agreement {
namespace {

TEST(Statement, ReadsWhatItWrites) {
    const std::string id = "agr:" + std::string(64, 'a');
    for (const auto what :
         {Statement::What::suspend, Statement::What::resume, Statement::What::end}) {
        Statement s{
            .what = what,
            .id = id,
            .lifts = {},
            .time = Micros{1'767'484'800'000'000},
            .person = {},
            .office = "CISO",
            .reason = "r"};
        if (what == Statement::What::resume) s.lifts = std::string(64, '0');
        const auto read = read_statement(statement_text(s));
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(read->what, s.what);
        EXPECT_EQ(read->lifts, s.lifts);
        EXPECT_EQ(read->time, s.time);
        EXPECT_EQ(read->person, "");
        EXPECT_EQ(read->office, "CISO");
        EXPECT_EQ(read->reason, "r");
    }
}

TEST(Statement, RefusesWhatItDoesNotKnow) {
    const std::string id = "agr:" + std::string(64, 'a') + "\n";
    const std::string head = "entente-agreement-statement/v1\n";
    const std::string time = "2026-01-01T00:00:00.000000Z\n";
    for (const std::string& text : {
             std::string(),
             std::string("entente-agreement-statement/v2\n") + id + "end\n" + time,
             head + "agr:xyz\nend\n" + time,
             head + id + "stop\n" + time,
             head + id + "end " + std::string(64, '0') + "\n" + time,
             head + id + "resume\n" + time,
             head + id + "resume " + std::string(64, 'G') + "\n" + time,
             head + id + "end\nyesterday\n",
             head + id + "end\n",
             head + id + "end\n" + time + "reason x\nperson y\n",
             head + id + "end\n" + time + "reason x\nreason y\n",
             head + id + "end\n" + time + "else x\n",
             head + id + "end\n" + time + "reason x",
         }) {
        const auto read = read_statement(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, Errc::malformed);
        EXPECT_NE(read.error().detail.find("line "), std::string::npos);
    }
}

}  // namespace
}  // namespace entente::agreement
