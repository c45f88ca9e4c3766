#include "cli/pictures/draft.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <random>
#include <utility>

#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_tasks.h"
#include "cli/pictures/run_fields.h"
#include "core/name_template.h"
#include "core/text.h"
#include "request/check_ranges.h"
#include "request/fields.h"
#include "tokenizer/prompt_networks.h"
#include "tokenizer/weighted_prompt.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using request::Group;
using request::Slot;

std::string read_stdin() {
  const std::string typed{std::istreambuf_iterator<char>(std::cin), {}};
  std::string text(without_byte_order_mark(typed));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

void check_text(const std::string& option, const std::string& text) {
  if (!is_utf8(text)) throw UsageError(option + ": the text is not valid UTF-8");
}

std::uint64_t random_seed() {
  std::random_device source;
  return std::uniform_int_distribution<std::uint64_t>(0, 0xFFFF'FFFDu)(source);  // [0, 2^32 - 2)
}

// What no single option can tell, in the order it is told.
void settle(const std::vector<Slot>& slots, Draft& draft, request::Inputs& inputs) {
  auto& request =
      std::visit([](PictureRequest& any) -> PictureRequest& { return any; }, draft.request);
  if (request.prompt == "-") request.prompt = read_stdin();
  check_text("PROMPT", request.prompt);
  const std::pair<const char*, const std::optional<std::string>*> further[] = {
      {"--negative-prompt", &request.negative_prompt},
      {"--prompt-2", &request.prompt_2},
      {"--negative-prompt-2", &request.negative_prompt_2}};
  for (const auto& [option, text] : further) check_text(option, text->value_or(""));
  if (request.prompt_syntax == PromptSyntax::webui) {  // refused before a model is loaded
    for (const auto& [name, text_scale, scale] : tokenizer::take_networks(request.prompt)) {
      LoraUse lora{.file = name, .scale = scale};
      if (text_scale != scale) lora.text_scale = text_scale;
      request.loras.push_back(std::move(lora));
    }
    tokenizer::parse_weighted_prompt(request.prompt);
    for (const auto& [option, text] : further) tokenizer::parse_weighted_prompt(text->value_or(""));
  }
  request::read_tensors(slots, draft.unread, inputs);
  request.seed = draft.unread.seed ? *draft.unread.seed : random_seed();
  request::check_seeds(request);
}

// Before the work, so that no picture is left without its depth.
void check_save_depth(const std::filesystem::path& path, const std::filesystem::path& output) {
  const auto extension = path.extension();
  if (extension != ".png" && extension != ".PNG") {
    throw UsageError("--save-depth " + path.string() + ": expected a name that ends in .png");
  }
  if (path.lexically_normal() == output.lexically_normal()) {
    throw UsageError("--save-depth and -o both name " + path.string());
  }
  check_writable(path.parent_path());
}

OnPicture saving_depth(const PictureOptions& options) {
  if (options.save_depth.empty()) return {};
  check_save_depth(options.save_depth, options.output);
  return [path = options.save_depth, saved = false](const Picture& picture) mutable {
    if (!std::exchange(saved, true)) write_gray_image(path, picture.depth);
  };
}

OnPicture saving_controls(const PictureOptions& options, const Request& request) {
  if (options.save_control.empty()) return {};
  const std::filesystem::path path = options.save_control;
  if (common(request).controls.empty()) {
    throw UsageError("--save-control goes with --control", {"save-control", "control"});
  }
  image_format(path);
  if (path.lexically_normal() == std::filesystem::path(options.output).lexically_normal()) {
    throw UsageError("--save-control and -o both name " + path.string());
  }
  check_writable(path.parent_path());
  return [path, saved = false](const Picture& picture) mutable {
    if (std::exchange(saved, true)) return;
    const auto& images = picture.control_images;
    for (std::size_t i = 0; i < images.size(); ++i)
      write_image(images.size() == 1 ? path : numbered(path, i), images[i],
                  {.source = DigitalSource::unsaid});
  };
}

// Both, as far as they are asked for.
OnPicture both(OnPicture first, OnPicture second) {
  if (!first) return second;
  if (!second) return first;
  return [first = std::move(first), second = std::move(second)](const Picture& picture) {
    first(picture);
    second(picture);
  };
}

}  // namespace

Draft draft_of(std::string_view task) {
  Draft draft{.request = request::make_request(task).value()};
  draft.options.bundled = picture_task(task).bundled;
  return draft;
}

std::vector<Slot> slots_of(Draft& draft) {
  std::vector<Slot> slots, asked;
  const auto into = [](std::vector<Slot>& list) {
    return [&list](const request::Field& field, const request::Place& place) {
      list.push_back({field, place});
    };
  };
  request::each_field(draft.request, into(asked));
  const auto add = into(slots);
  const auto add_of = [&](Group group) {
    std::ranges::copy_if(asked, std::back_inserter(slots),
                         [group](const Slot& slot) { return slot.field.group == group; });
  };
  add_of(Group::input);
  add_of(Group::prompt);
  each_weight_field(draft.options, add);
  add_of(Group::model);
  add_of(Group::adapters);
  each_adapter_folder_field(draft.options.folders, add);
  add_of(Group::sampling);
  each_output_field(draft.options, add);
  add_of(Group::output);
  each_extra_file_field(draft.options, add);
  each_report_field(draft.options, add);
  each_machine_field(draft.options, add);
  add_of(Group::machine);
  add_of(Group::size);
  if (std::holds_alternative<DepthToImage>(draft.request)) each_depth_field(draft.options, add);
  return slots;
}

PictureJob job_of(Draft draft, request::Inputs& inputs) {
  const std::vector<Slot> slots = slots_of(draft);
  request::read_pictures(slots, draft.unread, inputs);
  settle(slots, draft, inputs);
  OnPicture on_picture =
      both(saving_depth(draft.options), saving_controls(draft.options, draft.request));
  return {std::move(draft.options), std::move(draft.request), std::move(on_picture)};
}

}  // namespace velatura::cli
