#include "peer/settings.h"

#include <gtest/gtest.h>

#include <string>

namespace entente::peer {
namespace {

using taxii::client::Credentials;
using taxii::client::Way;

TEST(PeerSettings, ComeBackAsTheyWerePut) {
    Way way;
    way.url = "https://taxii.south.example/api/";
    way.root = "api";
    way.collection = "agreements";
    way.allow_origins = {"https://a.example", "https://b.example"};
    way.credentials_for = {"https://a.example"};
    way.plain_http = true;
    way.ca_file = "/etc/ca \"1\".pem";
    way.client_certificate = "/c";
    way.client_key = "/k";
    way.insecure_skip_verify = true;
    way.timeout_s = 7;
    const std::string text = settings_text(way);
    EXPECT_EQ(text.find(way.url), std::string::npos) << "the URL stands beside it";
    const auto read = read_way({.party = {}, .url = way.url, .settings = text, .secret = ""});
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->url, way.url);
    EXPECT_EQ(settings_text(*read), text);
    EXPECT_EQ(read->allow_origins, way.allow_origins);
    EXPECT_EQ(read->credentials_for, way.credentials_for);
    EXPECT_TRUE(read->plain_http);
    EXPECT_EQ(read->timeout_s, 7);
}

TEST(PeerSettings, WhatIsDamagedIsNotUsed) {
    for (const char* text : {"", "[]", "{}", "{\"root\":1}", "{"}) {
        const auto read = read_way({.party = {}, .url = "u", .settings = text, .secret = ""});
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, Errc::corrupt);
    }
}

TEST(PeerCredentials, ComeBackAsTheyWerePut) {
    using Kind = Credentials::Kind;
    for (const Kind kind : {Kind::basic, Kind::bearer, Kind::token}) {
        const Credentials put{.kind = kind, .user = "us\"er", .secret = "se\\cret \u00e4"};
        const auto read = read_credentials(credentials_text(put));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->kind, kind);
        EXPECT_EQ(read->user, put.user);
        EXPECT_EQ(read->secret, put.secret);
    }
}

TEST(PeerCredentials, ADamagedFileIsRefusedWithoutItsText) {
    for (const char* text :
         {"",
          "hunter2",
          R"({"kind":"none","user":"","secret":"hunter2"})",
          R"({"secret":"hunter2"})"}) {
        const auto read = read_credentials(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().detail.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace entente::peer
