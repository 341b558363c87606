#include "http/internal/head.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using State = HeadScan::State;

/// Scans `text` as it would arrive in steps; all step sizes must agree.
State scan(std::string_view text, std::size_t* size = nullptr) {
    HeadScan whole;
    const State want = whole.scan(text);
    if (size != nullptr) *size = whole.size();
    for (const std::size_t step : {1U, 3U, 1'000U}) {
        if (text.size() > 10'000 && step < 1'000) continue;
        HeadScan pieces;
        State got = State::more;
        for (std::size_t n = 0; n < text.size() && got == State::more;) {
            n = std::min(n + step, text.size());
            got = pieces.scan(text.substr(0, n));
        }
        EXPECT_EQ(got, want) << "in steps of " << step;
    }
    return want;
}

TEST(HeadScan, FindsTheEnd) {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    std::size_t size = 0;
    EXPECT_EQ(scan(head + "GET /next", &size), State::complete);
    EXPECT_EQ(size, head.size());
    EXPECT_EQ(scan("GET / HTTP/1.1\r\n\r\n"), State::complete);
    for (std::size_t n = 0; n < head.size(); ++n) {
        EXPECT_EQ(scan(head.substr(0, n)), State::more) << n;
    }
}

TEST(HeadScan, RefusesWhatProgramsReadDifferently) {
    const std::string nul(1, '\0');
    for (const std::string& text :
         {std::string("GET / HTTP/1.1\nHost: a\n\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\n A: b\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\n\tA: b\r\n\r\n"),
          "GET / HTTP/1.1\r\nA: b" + nul + "\r\n\r\n",
          "GET /" + nul + " HTTP/1.1\r\n\r\n",
          std::string("\r\nGET / HTTP/1.1\r\n\r\n"),
          std::string("\n")}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(scan(text), State::malformed);
    }
}

TEST(HeadScan, Limits) {
    const auto with_target = [](std::size_t n) {
        return "GET /" + std::string(n - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    EXPECT_EQ(scan(with_target(limits::request_target_bytes_max)), State::complete);
    EXPECT_EQ(scan(with_target(limits::request_target_bytes_max + 100)), State::target_too_long);
    EXPECT_EQ(scan(std::string(100'000, 'a')), State::target_too_long);

    const auto with_fields = [](std::size_t count, std::size_t bytes) {
        std::string out = "GET / HTTP/1.1\r\n";
        for (std::size_t i = 0; i < count; ++i)
            out += "A: " + std::string(bytes, 'b') + "\r\n";
        return out + "\r\n";
    };
    EXPECT_EQ(scan(with_fields(limits::header_fields_max, 1)), State::complete);
    EXPECT_EQ(scan(with_fields(limits::header_fields_max + 1, 1)), State::fields_too_large);
    EXPECT_EQ(scan(with_fields(1, limits::header_bytes_max - 7)), State::complete);
    EXPECT_EQ(scan(with_fields(1, limits::header_bytes_max - 6)), State::fields_too_large);
    EXPECT_EQ(scan("GET / HTTP/1.1\r\nA: " + std::string(100'000, 'b')), State::fields_too_large);
}

TEST(SplitTarget, Table) {
    struct Case {
        std::string_view method, target;
        bool good;
        std::string_view path, query;
    };

    const std::string exact(limits::request_target_bytes_max, '/');
    const std::string over(limits::request_target_bytes_max + 1, '/');
    const Case cases[] = {
        {"GET", "/", true, "/", ""},
        {"GET", "/a/b?c=d", true, "/a/b", "c=d"},
        {"GET", "/a?b?c", true, "/a", "b?c"},
        {"GET", "/a?", true, "/a", ""},
        {"GET", "//a", true, "//a", ""},
        {"GET", "/%2e%00", true, "/%2e%00", ""},
        {"GET", "http://host:1/a?b", true, "/a", "b"},
        {"GET", "HTTPS://host", true, "/", ""},
        {"GET", "http://host?b", true, "/", "b"},
        {"OPTIONS", "*", true, "*", ""},
        {"GET", exact, true, exact, ""},
        {"GET", over, false, "", ""},
        {"GET", "*", false, "", ""},
        {"GET", "", false, "", ""},
        {"GET", "a", false, "", ""},
        {"CONNECT", "host:443", false, "", ""},
        {"GET", "ftp://host/", false, "", ""},
        {"GET", "http:///a", false, "", ""},
        {"GET", "/a#b", false, "", ""},
        {"GET", "/a b", false, "", ""},
        {"GET", "/\xc3\xa9", false, "", ""},
        {"GET", "/\x7f", false, "", ""},
        {"GET", "/\t", false, "", ""},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.target.substr(0, 100));
        Head head;
        ASSERT_EQ(split_target(c.method, c.target, head), c.good);
        if (!c.good) continue;
        EXPECT_EQ(head.path, c.path);
        EXPECT_EQ(head.query, c.query);
    }
}

Judged judge_fields(
    std::initializer_list<std::pair<const char*, const char*>> fields,
    unsigned minor = 1,
    bool host = true
) {
    Head head;
    head.method = "POST";
    if (host) head.headers.add("Host", "a");
    for (const auto& [name, value] : fields)
        head.headers.add(name, value);
    return judge(head, minor);
}

TEST(Judge, Bodies) {
    EXPECT_EQ(judge_fields({}).framing.body, Framing::Body::none);
    EXPECT_EQ(judge_fields({{"Content-Length", "0"}}).framing.body, Framing::Body::none);
    const Judged length = judge_fields({{"content-length", "12"}});
    EXPECT_EQ(length.framing.body, Framing::Body::length);
    EXPECT_EQ(length.framing.content_length, 12U);
    EXPECT_EQ(
        judge_fields({{"Transfer-Encoding", "Chunked"}}).framing.body, Framing::Body::chunked
    );
}

TEST(Judge, AmbiguousBodiesAreRefused) {
    for (const char* value :
         {"",
          "-1",
          "+1",
          "1,1",
          "1, 2",
          "0x10",
          "1e3",
          " ",
          "1 1",
          "1_0",
          "18446744073709551616",
          "9999999999999999999"}) {
        SCOPED_TRACE(value);
        EXPECT_EQ(judge_fields({{"Content-Length", value}}).refuse_status, 400);
    }
    EXPECT_EQ(judge_fields({{"Content-Length", "1"}, {"Content-Length", "1"}}).refuse_status, 400);
    EXPECT_EQ(
        judge_fields({{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}}).refuse_status, 400
    );
    EXPECT_EQ(judge_fields({{"Transfer-Encoding", "chunked"}}, 0).refuse_status, 400);
    for (const char* value :
         {"", "identity", "gzip, chunked", "chunked, chunked", "chunked;q=1", "xchunked"}) {
        SCOPED_TRACE(value);
        EXPECT_EQ(judge_fields({{"Transfer-Encoding", value}}).refuse_status, 501);
    }
    EXPECT_EQ(
        judge_fields({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}
        ).refuse_status,
        501
    );
}

TEST(Judge, HostIsNeededOnce) {
    EXPECT_EQ(judge_fields({}, 1, false).refuse_status, 400);
    EXPECT_EQ(judge_fields({}, 0, false).refuse_status, 0);
    EXPECT_EQ(judge_fields({{"Host", "a"}}).refuse_status, 400);
    EXPECT_EQ(judge_fields({{"Host", "b"}}, 0).refuse_status, 400);
}

TEST(Judge, KeepAlive) {
    EXPECT_TRUE(judge_fields({}).framing.keep_alive);
    EXPECT_FALSE(judge_fields({}, 0).framing.keep_alive);
    EXPECT_TRUE(judge_fields({{"Connection", "Keep-Alive"}}, 0).framing.keep_alive);
    EXPECT_FALSE(judge_fields({{"Connection", "foo, Close"}}).framing.keep_alive);
    EXPECT_FALSE(judge_fields({{"Connection", "keep-alive"}, {"Connection", "close"}}
    ).framing.keep_alive);
    EXPECT_FALSE(judge_fields({{"Connection", "close, keep-alive"}}).framing.keep_alive);
}

TEST(Judge, Expectations) {
    EXPECT_TRUE(judge_fields({{"Expect", "100-Continue"}, {"Content-Length", "1"}}
    ).framing.expects_continue);
    EXPECT_FALSE(judge_fields({{"Expect", "100-continue"}}).framing.expects_continue);
    EXPECT_EQ(judge_fields({{"Expect", "the unexpected"}}).refuse_status, 417);
    EXPECT_EQ(
        judge_fields({{"Expect", "100-continue"}, {"Content-Length", "1"}}, 0).refuse_status, 0
    );
}

TEST(AcceptsGzip, Table) {
    struct Case {
        const char* value;
        bool want;
    };

    const Case cases[] = {
        {"gzip", true},
        {"GZIP", true},
        {"x-gzip", true},
        {"deflate, gzip;q=0.5, br", true},
        {"gzip; q=1", true},
        {"*", true},
        {"gzip;q=0.001", true},
        {"identity;q=0, *;q=0.5", true},
        {"gzip;q=1.0, identity;q=0.5", true},
        {"", false},
        {"identity", false},
        {"br", false},
        {"gzip;q=0", false},
        {"gzip;q=0.0, *", false},
        {"*;q=0", false},
        {"gzip;q=0.1, identity", false},
        {"gzip;q=2", false},
        {"gzip;q=x", false},
        {"gzipp", false},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.value);
        Headers headers;
        headers.add("Accept-Encoding", c.value);
        EXPECT_EQ(accepts_gzip(headers), c.want);
    }
    EXPECT_FALSE(accepts_gzip(Headers()));
}

}  // namespace
}  // namespace entente::http
