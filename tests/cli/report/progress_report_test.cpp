#include "cli/report/progress_report.h"

#include <gmock/gmock.h>

#include <thread>

#include "support/run_program.h"

namespace velatura::cli {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

constexpr std::chrono::milliseconds kNever{600'000};
constexpr LinePace kAtOnce{.quiet = 0ms, .apart = 0ms, .first_silence = kNever, .silence = kNever};

// What a report writes while `work` is done.
std::vector<std::string> said(const LinePace& pace, bool long_run,
                              const std::function<void(ProgressReport&)>& work) {
  ::testing::internal::CaptureStderr();
  {
    const InterruptGuard interrupt;
    ProgressReport report(ProgressStyle::lines, Verbosity::normal, 10, interrupt, long_run, pace);
    work(report);
  }
  return testing::lines(::testing::internal::GetCapturedStderr());
}

void denoise(ProgressReport& report, int steps) {
  for (int step = 1; step <= steps; ++step)
    report.on_progress({.stage = Stage::denoise, .done = step, .total = steps, .images = 1});
}

TEST(ProgressLines, AreOneEveryTenth) {
  const auto lines = said(kAtOnce, false, [](auto& report) { denoise(report, 40); });
  ASSERT_THAT(lines, SizeIs(10));
  EXPECT_THAT(lines[4], MatchesRegex("picture 1/10, denoising 20/40, .* it/s, .* left"));
}

TEST(ProgressLines, AreNoneInAShortRun) {
  LinePace pace = kAtOnce;
  pace.quiet = kNever;
  EXPECT_THAT(said(pace, false, [](auto& report) { denoise(report, 40); }), IsEmpty());
}

TEST(ProgressLines, KeepTheirDistance) {
  LinePace pace = kAtOnce;
  pace.apart = kNever;
  const auto work = [](auto& report) {
    denoise(report, 40);
    for (int done = 1; done <= 10; ++done) report.pictures_done(done);
  };
  EXPECT_THAT(said(pace, false, work), ElementsAre(ContainsRegex("denoising 4/40")));
  EXPECT_THAT(said(pace, true, work), ElementsAre(ContainsRegex("^1/10 pictures, ")));
}

TEST(ProgressLines, BreakALongSilence) {
  LinePace pace = kAtOnce;
  pace.first_silence = 30ms;
  EXPECT_THAT(said(pace, false, [](auto&) { std::this_thread::sleep_for(300ms); }),
              ElementsAre("0:01 at work, loading"));
  const auto slow_step = [](auto& report) {
    report.on_progress({.stage = Stage::load_model, .done = 4, .total = 4});
    std::this_thread::sleep_for(300ms);
  };
  EXPECT_THAT(said(pace, true, slow_step), ElementsAre("0:01 at work, loading 4/4 done"));
  pace.silence = 30ms;
  EXPECT_THAT(said(pace, false, slow_step), SizeIs(::testing::Gt(1)));
}

TEST(ProgressLines, FitIntoEightyColumns) {
  const auto longest = [](auto& report) {
    report.on_progress({.stage = Stage::denoise,
                        .done = 100'000'000,
                        .total = 100'000'000,
                        .first_image = 1'999'999'990,
                        .images = 7});
  };
  for (const std::string& line : said(kAtOnce, false, longest)) EXPECT_LT(line.size(), 80u) << line;
  EXPECT_THAT(said(kAtOnce, false, longest), SizeIs(1));
}

}  // namespace
}  // namespace velatura::cli
