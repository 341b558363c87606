#include "cli/remote_access.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

namespace entente::cli {
namespace {

using Kind = taxii::client::Credentials::Kind;

class CredentialsTest : public ::testing::Test {
  protected:
    [[nodiscard]] static std::string file(const std::string& name, const std::string& text) {
        const std::string path = ::testing::TempDir() + "/credentials_" + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    Result<taxii::client::Credentials> read() {
        return read_credentials(
            options_,
            [this](const char* name) -> std::optional<std::string> {
                const auto found = environment_.find(name);
                return found == environment_.end() ? std::nullopt : std::optional(found->second);
            },
            nobody_.get(),
            nobody_.get()
        );
    }

    void expect(Kind kind, const std::string& user, const std::string& secret) {
        const auto credentials = read();
        ASSERT_TRUE(credentials) << credentials.error().detail;
        EXPECT_EQ(credentials->kind, kind);
        EXPECT_EQ(credentials->user, user);
        EXPECT_EQ(credentials->secret, secret);
    }

    RemoteOptions options_;
    std::map<std::string, std::string> environment_;

    // Standard input may be the terminal of whoever runs the tests.
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> nobody_{
        std::fopen("/dev/null", "r+e"), &std::fclose};
};

TEST_F(CredentialsTest, NoneWhereNoneAreGiven) {
    expect(Kind::none, "", "");
    environment_ = {{"ENTENTE_PASSWORD", "of nobody"}};
    expect(Kind::none, "", "");
    environment_ = {{"ENTENTE_TOKEN", ""}, {"ENTENTE_USER", ""}};
    expect(Kind::none, "", "");
}

TEST_F(CredentialsTest, OptionsGoBeforeTheEnvironment) {
    environment_ = {{"ENTENTE_USER", "u"}, {"ENTENTE_PASSWORD", "p"}};
    expect(Kind::basic, "u", "p");
    options_.user = "v";
    expect(Kind::basic, "v", "p");
    options_.password_file = file("password", "from file\r\nmore\n");
    expect(Kind::basic, "v", "from file");
    options_.password_file = file("empty", "");
    expect(Kind::basic, "v", "");
    environment_["ENTENTE_TOKEN"] = "t";
    expect(Kind::basic, "v", "");
}

TEST_F(CredentialsTest, Tokens) {
    environment_ = {{"ENTENTE_TOKEN", "abc"}};
    expect(Kind::bearer, "", "abc");
    options_.token_scheme = "Token";
    expect(Kind::token, "", "abc");
    options_.token_file = file("token", "xyz\n");
    expect(Kind::token, "", "xyz");
}

TEST_F(CredentialsTest, RefusesWhatIsUnclear) {
    options_.token_scheme = "Digest";
    EXPECT_FALSE(read());
    options_ = {};
    options_.user = "u";
    EXPECT_FALSE(read());  // no password
    options_.password_file = "/nonexistent/password";
    EXPECT_EQ(read().error().code, Errc::not_found);
    options_.password_file = file("long", std::string(10'000, 'x'));
    EXPECT_FALSE(read());
    options_.token_file = file("token", "xyz\n");
    EXPECT_FALSE(read());  // both kinds
    options_ = {};
    options_.password_file = file("password", "p");
    EXPECT_FALSE(read());  // whose?
    options_ = {};
    options_.token_file = file("empty", "");
    EXPECT_FALSE(read());
    options_ = {};
    environment_ = {{"ENTENTE_TOKEN", "t"}, {"ENTENTE_USER", "u"}, {"ENTENTE_PASSWORD", "p"}};
    EXPECT_FALSE(read());
}

}  // namespace
}  // namespace entente::cli
