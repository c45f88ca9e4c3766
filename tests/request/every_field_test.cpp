#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "batch/list_options.h"
#include "cli/field_options.h"
#include "cli/pictures/draft.h"
#include "cli/pictures/file_inputs.h"
#include "cli/pictures/latents_file.h"
#include "cli/setting_options.h"
#include "cli/settings_job.h"
#include "pipelines/receipt.h"
#include "pipelines/requests.h"
#include "recipe/programs.h"
#include "request/asked.h"
#include "request/column.h"
#include "request/fields.h"
#include "request/names.h"
#include "request/values.h"
#include "support/run_program.h"
#include "velatura/error.h"

// Changes every field of every task, one after the other, and looks whether all that is derived
// from the description follows. A new field is tested by being there.

namespace velatura::request {
namespace {

using cli::Draft;

template <class Enum>
Enum another(Enum value) {
  for (const auto& row : rows_of(value)) {
    if constexpr (requires { row.value; }) {
      if (row.value != value) return row.value;
    } else {
      if (row.sampler != value) return row.sampler;
    }
  }
  return value;
}

/// Gives a place another value than it has, one that the field may have.
struct Change {
  const Field& field;

  void operator()(std::string* value) const {
    *value = field.words.empty() ? *value + "another" : std::string(field.words.back());
  }
  void operator()(std::filesystem::path* value) const { *value = "another"; }
  void operator()(int* value) const { *value += *value < field.range->high ? 1 : -1; }
  void operator()(double* value) const {
    const bool highest = *value >= field.range->high;
    *value = (*value + (highest ? field.range->low : field.range->high)) / 2;
  }
  void operator()(bool* value) const { *value = !*value; }
  void operator()(std::uint64_t* value) const { *value += 7; }
  void operator()(std::optional<int>* value) const { *value = value->value_or(56) + 8; }
  void operator()(std::optional<double>* value) const {
    *value = (value->value_or(field.range->low) + field.range->high) / 2;
  }
  void operator()(std::optional<std::string>* value) const {
    *value = value->value_or("") + "another";
  }
  void operator()(std::optional<Extent>* value) const { *value = Extent{640, 513}; }
  void operator()(std::optional<Offset>* value) const { *value = Offset{-3, 8}; }
  void operator()(SamplerOptions* value) const {
    value->sampler = another(value->sampler.value_or(Sampler{}));
  }
  void operator()(Margins* value) const { value->left += 8; }
  void operator()(Image* value) const {
    *value = testing::patterned(value->width + 8, value->height, 1);
  }
  void operator()(GrayImage* value) const { *value = testing::half_mask(32, 24, 5); }
  void operator()(std::optional<GrayImage>* value) const { *value = testing::half_mask(32, 24, 5); }
  void operator()(std::optional<Latents>* value) const {
    *value = Latents{{1, 4, 1, 1}, {1, 2, 3, 4}};
  }
  void operator()(std::optional<ImageEmbeds>* value) const {
    *value = ImageEmbeds{{1, 4}, {1, 2, 3, 4}, {5, 6, 7, 8}};
  }
  template <class Enum>
  void operator()(std::optional<Enum>* value) const {
    *value = another(value->value_or(Enum{}));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(Enum* value) const { *value = another(*value); }
  void operator()(const List& list) const { std::visit(Change{field}, list->at(0)); }
  void operator()(LoraUse* value) const { value->blocks.mid += 0.25; }
  void operator()(EmbeddingUse* value) const { value->token += "another"; }
  void operator()(Grounding* value) const { value->phrase += "another"; }
  void operator()(MixItem* value) const { value->text += "another"; }
  void operator()(const auto&) const { FAIL() << field.name << " has no value"; }
};

// The text under which an option takes the value; files are written to the folder. Of a list the first
// item's.
std::string option_text(const Field& field, const ConstPlace& place, const std::string& folder) {
  if (const auto* list = std::get_if<List>(&place))
    return option_text(field, read_only((*list)->at(0)), folder);
  if (field.notation == Notation::inversion) return "true";
  const std::string file = folder + std::string(field.name) +
                           (std::holds_alternative<const std::optional<Latents>*>(place) ||
                                    std::holds_alternative<const std::optional<ImageEmbeds>*>(place)
                                ? ".safetensors"
                                : ".png");
  if (const auto* image = std::get_if<const Image*>(&place)) {
    write_image(file, **image, {});
  } else if (const auto* gray = std::get_if<const GrayImage*>(&place)) {
    write_gray_image(file, **gray);
  } else if (const auto* map = std::get_if<const std::optional<GrayImage>*>(&place)) {
    write_gray_image(file, (*map)->value());
  } else if (const auto* latents = std::get_if<const std::optional<Latents>*>(&place)) {
    cli::write_latents(file, (*latents)->value());
  } else if (const auto* embeds = std::get_if<const std::optional<ImageEmbeds>*>(&place)) {
    cli::write_image_embeds(file, (*embeds)->value());
  } else {
    const std::string text = text_of(field, place);
    return is_flag(field) && text.empty() ? "false" : text;
  }
  return file;
}

// A request in which no field is at the end of its range, and every change can be told.
Request base_request(std::string_view task) {
  Request request = *make_request(task);
  const auto fill = [](auto& each) {
    each.prompt = "a cat";
    each.steps = 4;
    each.sampling.sampler = Sampler::euler;
    each.loras = {{.file = "a.safetensors"}};
    each.embeddings = {{.token = "", .file = "a.pt"}};
    each.controls = {{.model = "c", .image = testing::patterned(32, 32, 0)}};
    each.groundings = {{.phrase = "a ball"}};
    each.picture_prompts = {{.adapter = "i", .image = testing::patterned(32, 32, 0)}};
    each.mix = {{.text = "a dog", .weight = 0.5}};
    if constexpr (requires { each.image; }) each.image = testing::patterned(32, 32, 0);
    if constexpr (requires { each.mask; }) each.mask = testing::half_mask(32, 32, 6);
    if constexpr (requires { each.extend; }) each.extend.right = 8;
    if constexpr (requires { each.depth_map; }) each.depth_map = testing::half_mask(32, 32, 6);
  };
  std::visit(fill, request);
  return request;
}

// As if all that is left open to the model were what comes first.
nlohmann::json receipt_of(const Request& request) {
  const PictureRequest& any = common(request);
  const auto& sampling = any.sampling;
  pipelines::Run run{
      .width = 0,
      .height = 0,
      .seed = any.seed,
      .model = {.name = "m"},
      .sampler = {sampling.sampler.value_or(Sampler{}), sampling.schedule.value_or(Schedule{}),
                  sampling.timestep_spacing.value_or(TimestepSpacing{}),
                  sampling.prediction.value_or(Prediction{}), sampling.eta},
      .placement = {at::kCPU, at::kFloat},
      .vae = {at::kFloat, 0}};
  std::visit(
      [&run](const auto& task) {
        if constexpr (requires { task.width; }) {
          run.width = task.width.value_or(0);
          run.height = task.height.value_or(0);
        }
      },
      request);
  return nlohmann::json::parse(pipelines::make_metadata(any, record_of(request), run).receipt);
}

class EveryField : public ::testing::TestWithParam<std::string_view> {
 protected:
  // Calls with each field of the task, a base request and one in which it alone is changed, and the
  // place of the field in that.
  void for_each_change(const auto& look) {
    std::vector<std::string> names;
    const Request base = base_request(GetParam());
    each_field(base,
               [&](const Field& field, const ConstPlace&) { names.emplace_back(field.name); });
    for (const std::string& name : names) {
      SCOPED_TRACE(name);
      Request changed = base;
      each_field(changed, [&](const Field& field, const Place& place) {
        if (field.name != name) return;
        std::visit(Change{field}, place);
        look(field, read_only(place), base, changed);
      });
    }
  }

  // What a request needs beside the field.
  batch::Settings needed(const Field& field) const {
    batch::Settings settings{{"task", std::string(GetParam())}};
    if (GetParam() != "txt2img" && field.name != "image") {
      write_image(picture_, testing::patterned(32, 32, 0), {});
      settings.push_back({"image", picture_});
    }
    if (field.notation == Notation::inversion) {
      write_gray_image(mask_, testing::half_mask(32, 32, 6));
      settings.push_back({"mask", mask_});
    }
    for (const auto& [list, pictures] :
         {std::pair("control", "control-image"), std::pair("ip-adapter", "ip-adapter-image")}) {
      if (!field.name.starts_with(list)) continue;
      write_image(picture_, testing::patterned(32, 32, 0), {});
      if (field.name != list) settings.push_back({list, "m"});
      if (field.name != pictures) settings.push_back({pictures, picture_});
    }
    return settings;
  }

  // What the field is in a request, written so that it can be compared.
  static std::string value_in(const Request& request, const Field& wanted) {
    std::string value;
    each_field(request, [&](const Field& field, const ConstPlace& place) {
      if (field.name != wanted.name) return;
      const auto* latents = std::get_if<const std::optional<Latents>*>(&place);
      if (latents != nullptr) {
        value = **latents ? nlohmann::json((**latents)->values).dump() : "none";
      } else if (const auto* embeds = std::get_if<const std::optional<ImageEmbeds>*>(&place)) {
        value =
            **embeds ? nlohmann::json({(**embeds)->values, (**embeds)->negative}).dump() : "none";
      } else {
        value = text_of(field, place);
        if (value.empty()) value = json_of(place).value_or(nlohmann::json()).dump();
      }
    });
    return value;
  }

  velatura::testing::TemporaryFolder folder_;
  std::string folder_path_ = folder_ / "";
  std::string picture_ = folder_ / "needed.png", mask_ = folder_ / "needed-mask.png";
};

TEST_P(EveryField, IsAnOptionOfItsCommandUnderAllItsNames) {
  for_each_change([&](const Field& field, const ConstPlace& place, const Request&, const Request&) {
    const std::string text = option_text(field, place, folder_path_);
    std::vector<std::string> names{"--" + std::string(field.name)};
    for (const std::string_view other : field.others)
      if (!other.empty()) names.push_back("--" + std::string(other));
    if (field.letter != '\0') names.push_back(std::string("-") + field.letter);
    for (const std::string& name : names) {
      CLI::App command;
      const auto draft = std::make_shared<Draft>(cli::draft_of(GetParam()));
      add_draft_options(command, draft);
      std::vector<std::string> words{name + (name.starts_with("--") ? "=" : "") + text};
      ASSERT_NO_THROW(command.parse(words)) << words[0];
      if (is_flag(field)) {
        EXPECT_EQ(draft->unread.inverted, field.notation == Notation::inversion);
      }
      if (std::holds_alternative<const std::uint64_t*>(place)) {
        EXPECT_EQ(std::to_string(draft->unread.seed.value()), text);
      } else if (is_file(place)) {
        const std::string file = field.notation == Notation::inversion ? "" : text;
        const std::string list(field.name);
        EXPECT_EQ(is_list(place) ? draft->unread.lists[list].at(0) : draft->unread.files[list],
                  file)
            << name;
      } else {
        EXPECT_EQ(value_in(draft->request, field), text_of(field, place)) << name;
      }
    }
  });
}

TEST_P(EveryField, IsAListOfJobFilesIfItIsOne) {
  for_each_change([](const Field& field, const ConstPlace& place, const Request&, const Request&) {
    EXPECT_EQ(batch::is_list_option(field.name), is_list(place));
    for (const std::string_view other : field.others) {
      EXPECT_EQ(batch::is_list_option(other), !other.empty() && is_list(place)) << other;
    }
  });
}

TEST_P(EveryField, IsWhatASettingSays) {
  for_each_change(
      [&](const Field& field, const ConstPlace& place, const Request&, const Request& changed) {
        if (field.notation == Notation::inversion) return;  // is a part of the mask
        batch::Settings settings = needed(field);
        settings.push_back({std::string(field.name), option_text(field, place, folder_path_)});
        cli::FileInputs inputs;
        const auto job = cli::SettingsJob({}, settings).job(inputs);
        EXPECT_EQ(value_in(job.request, field), value_in(changed, field));
      });
}

TEST_P(EveryField, IsPartOfALinesIdentityIfItIsOfThePicture) {
  for_each_change([&](const Field& field, const ConstPlace& place, const Request&, const Request&) {
    batch::Settings without = needed(field);
    batch::Settings with = without;
    with.push_back({std::string(field.name), option_text(field, place, folder_path_)});
    cli::FileInputs inputs;
    const cli::SettingsJob job({}, with);
    EXPECT_EQ(job.identity(inputs) != cli::SettingsJob({}, without).identity(inputs),
              field.scope != Scope::series);
    if (field.scope == Scope::run) {
      EXPECT_THROW(job.check_for_a_line(), UsageError);
    } else {
      EXPECT_NO_THROW(job.check_for_a_line());
    }
  });
}

TEST_P(EveryField, IsInTheReceiptIfItIsRecorded) {
  for_each_change(
      [&](const Field& field, const ConstPlace&, const Request& base, const Request& changed) {
        // What inverts the mask is recorded by the mask.
        EXPECT_EQ(receipt_of(changed) != receipt_of(base),
                  field.recorded != Recorded::never || field.notation == Notation::inversion);
      });
}

TEST_P(EveryField, IsReplayedFromTheReceipt) {
  for_each_change([&](const Field& field, const ConstPlace& place, const Request&,
                      const Request& changed) {
    if (field.notation == Notation::inversion) return;
    const recipe::Recipe recipe = recipe::from_receipt(receipt_of(changed).dump());
    EXPECT_TRUE(recipe.unmapped.empty()) << recipe.unmapped.front();
    EXPECT_EQ(recipe.task, GetParam());
    const std::string name(field.name);
    if (field.recorded == Recorded::never) {
      EXPECT_EQ(recipe.find(name), std::nullopt);
    } else if (is_file(place)) {
      EXPECT_EQ(std::ranges::count(recipe.inputs, name, &recipe::InputFile::option), 1);
    } else {
      Draft draft = cli::draft_of(GetParam());
      const auto slots = slots_of(draft);
      request::set(*cli::find_slot(slots, name), draft.unread, recipe.find(name).value_or("none"));
      const std::string value = std::holds_alternative<const std::uint64_t*>(place)
                                    ? std::to_string(draft.unread.seed.value())
                                    : value_in(draft.request, field);
      EXPECT_EQ(value, value_in(changed, field));
    }
  });
}

TEST_P(EveryField, CanBeGivenToARunThatMakesItsPicturesBySettings) {
  CLI::App command;
  batch::Settings settings;
  cli::add_setting_options(command, settings, [](const Slot&) { return true; });
  for_each_change([&](const Field& field, const ConstPlace& place, const Request&, const Request&) {
    const std::string name(field.name), text = option_text(field, place, folder_path_);
    settings.clear();
    std::vector<std::string> words{"--" + name + "=" + text};
    ASSERT_NO_THROW(command.parse(words));
    ASSERT_EQ(settings.size(), 1u);
    EXPECT_EQ(settings[0].name, name);
    EXPECT_EQ(settings[0].value, text);
  });
}

TEST_P(EveryField, KeepsPicturesApartIfABatchMustAgreeInIt) {
  for_each_change(
      [&](const Field& field, const ConstPlace&, const Request& base, const Request& changed) {
        EXPECT_EQ(batch_key(changed) != batch_key(base), field.in_batch != InBatch::may_differ);
      });
}

INSTANTIATE_TEST_SUITE_P(Tasks, EveryField, ::testing::ValuesIn(kTasks),
                         [](const auto& task) { return std::string(task.param); });

TEST(EveryFieldOfTheModel, IsAnOptionAndOneOfTheRunOrRecorded) {
  const ModelOptions base;
  std::vector<Field> fields;
  each_field(base, [&](const Field& field, const ConstPlace&) { fields.push_back(field); });
  for (const Field& wanted : fields) {
    SCOPED_TRACE(wanted.name);
    ModelOptions changed = base;
    std::string text;
    each_field(changed, [&](const Field& field, const Place& place) {
      if (field.name != wanted.name) return;
      std::visit(Change{field}, place);
      text = text_of(field, read_only(place));
    });
    EXPECT_NE(changed, base);

    CLI::App command;
    const auto draft = std::make_shared<Draft>(cli::draft_of("txt2img"));
    add_draft_options(command, draft);
    std::vector<std::string> words{"--" + std::string(wanted.name) + "=" + text};
    ASSERT_NO_THROW(command.parse(words));
    ModelOptions given = draft->options.machine;
    given.model = draft->options.model;
    given.vae = draft->options.vae;
    EXPECT_EQ(given, changed);

    const cli::SettingsJob line({}, {{std::string(wanted.name), text}});
    if (wanted.scope == Scope::run) {
      EXPECT_THROW(line.check_for_a_line(), UsageError);
    } else {
      cli::FileInputs inputs;
      EXPECT_NE(line.identity(inputs), cli::SettingsJob({}, {}).identity(inputs));
    }
  }
}

}  // namespace
}  // namespace velatura::request
