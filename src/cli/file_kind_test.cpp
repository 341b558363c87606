#include "cli/file_kind.h"

#include <gtest/gtest.h>

namespace entente::cli {
namespace {

struct Case {
    const char* text;
    FileKind kind;
};

TEST(FileKind, IsToldByTheFirstWords) {
    const Case cases[] = {
        {"", FileKind::unknown},
        {" \n", FileKind::unknown},
        {"{\"type\":\"bundle\"}", FileKind::unknown},
        {"entente-key/v1\n", FileKind::key},
        {"entente-key-plain/v1\n", FileKind::key},
        {"entente-key-rotation/v1\n", FileKind::key_statement},
        {"{\"name\":\"N\",\"schema\":\"entente-card/1\"}\n\n", FileKind::card},
        {"\n{ \"schema\": \"entente-agreement/1\"", FileKind::agreement},
        {"entente-agreement/v1\n", FileKind::agreement_note},
        {"entente-agreement-statement/v1\n", FileKind::agreement_note},
        {"{\"schema\":\"entente-pack/1\",\"records\":[", FileKind::pack},
    };
    for (const Case& c : cases)
        EXPECT_EQ(kind_of(c.text), c.kind) << c.text;
}

TEST(FileKind, AnErrorSaysWhatTheFileIsUnlessThatIsWhatWasWanted) {
    const Error error{Errc::malformed, "cut off"};
    const std::string_view card = "{\"schema\":\"entente-card/1\"";
    EXPECT_EQ(with_kind(error, card, {FileKind::card}).detail, "cut off");
    EXPECT_EQ(with_kind(error, "?", {FileKind::card}).detail, "cut off");
    EXPECT_EQ(
        with_kind(error, card, {FileKind::key}).detail,
        "cut off; it is a party card; see: entente party show, entente party add"
    );
}

}  // namespace
}  // namespace entente::cli
