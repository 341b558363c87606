#include "cli/stop.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace entente::cli {
namespace {

bool echoes(int fd) {
    termios now{};
    EXPECT_EQ(::tcgetattr(fd, &now), 0);
    return (now.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
}

TEST(Stop, ASecondSignalPutsTheEchoBack) {
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT_GE(master, 0);
    ASSERT_EQ(::grantpt(master), 0);
    ASSERT_EQ(::unlockpt(master), 0);
    const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT_GE(slave, 0);
    ASSERT_TRUE(echoes(slave));
    const auto insist = [&] {
        catch_stop_signals();
        termios before{};
        (void)::tcgetattr(slave, &before);
        termios silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        remember_terminal(slave, before);
        (void)::tcsetattr(slave, TCSANOW, &silent);
        (void)std::raise(SIGINT);
        (void)std::raise(SIGINT);
    };
    EXPECT_EXIT(insist(), ::testing::ExitedWithCode(130), "");
    EXPECT_TRUE(echoes(slave));
    (void)::close(slave);
    (void)::close(master);
}

TEST(Stop, ASignalBeforeTheWaitingEndsIt) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_EXIT(
        {
            catch_stop_signals();
            (void)std::raise(SIGTERM);
            std::exit(wait_for_input(ends[0]) ? 1 : 0);
        },
        ::testing::ExitedWithCode(0),
        ""
    );
    EXPECT_TRUE(wait_for_input(-1));
    ASSERT_EQ(::write(ends[1], "x", 1), 1);
    EXPECT_TRUE(wait_for_input(ends[0]));
    (void)::close(ends[0]);
    (void)::close(ends[1]);
}

}  // namespace
}  // namespace entente::cli
