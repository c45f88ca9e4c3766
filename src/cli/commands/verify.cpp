#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <vector>

#include "cli/command.h"
#include "cli/field_options.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/pictures/picture_lines.h"
#include "cli/pictures/run_fields.h"
#include "cli/report/failure.h"
#include "cli/report/preview.h"
#include "cli/report/progress_report.h"
#include "cli/setting_options.h"
#include "cli/verifier.h"
#include "core/file_status.h"
#include "image/picture_kind.h"

namespace velatura::cli {
namespace {

constexpr const char* kVerifyFooter = R"(Examples:
  velatura verify cat.png
  velatura verify outputs/ --tolerance 2 --json
  velatura verify oil.png --image photo.jpg -m ~/models/sd15.safetensors

Each picture is made again in memory and compared: equal in every byte, within
tolerance (other processors, batches and threads round differently) or different,
with what differs between then and now. Exit code 4 if one is different, edited
or not velatura's. Sheets of --grid are left out, which is said.)";

// What a picture's receipt cannot hold, and where and how to compute.
bool is_override(const request::Slot& slot) {
  using request::Group;
  using request::Recorded;
  const auto& field = slot.field;
  const bool held = field.recorded != Recorded::by_name && field.recorded != Recorded::never;
  if (field.group == Group::machine) return !is_of_config(field);
  return !held && field.group != Group::output && field.group != Group::size;
}

struct VerifyOptions {
  std::vector<std::string> pictures;
  std::optional<int> tolerance;
  batch::Settings overrides;
  PictureOptions run;  ///< of these what is reported
};

// Of a folder, the pictures that lie in it. @throws InputError if there are none
std::vector<std::string> pictures_of(const std::vector<std::string>& names) {
  namespace fs = std::filesystem;
  std::vector<std::string> pictures;
  for (const std::string& name : names) {
    if (!is_folder(name)) {
      pictures.push_back(name);
      continue;
    }
    const auto before = static_cast<std::ptrdiff_t>(pictures.size());
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(name, failed))
      if (has_picture_name(entry.path())) pictures.push_back(entry.path().string());
    if (failed) throw InputError(name + ": " + failed.message());
    if (pictures.begin() + before == pictures.end())
      throw InputError(name + ": there are no pictures in the folder");
    std::sort(pictures.begin() + before, pictures.end());
  }
  return pictures;
}

void report(const Verification& found, const VerifyOptions& options) {
  print_line(options.run.json ? json_line(to_json(found)) : to_text(found));
}

void verify(const VerifyOptions& options) {
  const InterruptGuard interrupt;
  const std::vector<std::string> pictures = pictures_of(options.pictures);
  const std::size_t count = pictures.size();
  ProgressReport progress(progress_style(options.run), options.run.verbosity(),
                          static_cast<int>(count), interrupt,
                          /*long_run=*/count > 1);
  const Preview preview(options.run.show, progress);
  Verifier verifier(options.overrides, options.tolerance, progress);
  std::size_t confirmed = 0, failed = 0, skipped = 0;
  int done = 0;
  for (const std::string& picture : pictures) {
    progress.begin_after(done);
    try {
      const Verification found = verifier.verify(picture);
      progress.clear_bar();
      report(found, options);
      if (found.obstacle.empty() && !is_skipped(found)) preview.show(verifier.made());
      if (is_confirmed(found)) ++confirmed;
      if (is_skipped(found)) ++skipped;
    } catch (const Error& error) {
      if (!is_about_the_picture(error) || ++failed == count) throw;
      progress.clear_bar();
      std::cerr << "velatura: " << told(error) << "\n";
    }
    progress.pictures_done(++done);
  }
  const std::size_t asked = count - skipped;
  if (asked == 0) throw Error(ErrorKind::jobs, "nothing was verified: sheets are left out");
  if (confirmed == asked) return;
  throw Error(ErrorKind::jobs, std::to_string(asked - confirmed) + " of " + std::to_string(asked) +
                                   " pictures not verified");
}

}  // namespace

Command add_verify(CLI::App& program) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = program.add_subcommand(
      "verify", "Make pictures again in memory and say whether they come out the same");
  add_option(*command, "Input", "pictures,--picture", options->pictures,
             "The pictures, PNG, JPEG or WebP, or folders of such")
      ->type_name("PICTURE...")
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->configurable(false)
      ->required();
  add_field_option(*command, {{.name = "tolerance",
                               .unit = "N",
                               .help = "Levels, of 255, that a pixel may be off in its farthest "
                                       "channel",
                               .shown_default = "1, with float16 2, with bfloat16 16",
                               .range = request::Range{0, 255}},
                              &options->tolerance});
  add_setting_options(*command, options->overrides, is_override);
  add_report_options(*command, options->run);
  add_config_options(*command);
  command->footer(kVerifyFooter);
  return {command, [options] { verify(*options); }};
}

}  // namespace velatura::cli
