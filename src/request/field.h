#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "velatura/generator.h"
#include "velatura/request.h"

namespace velatura::request {

/// Where help shows an option, in this order.
enum class Group { input, prompt, model, adapters, sampling, output, machine, size };

/// What a field is part of.
enum class Scope {
  picture,  ///< what a picture looks like
  series,   ///< which pictures of that look, and where they go
  run,      ///< how a whole run works: it cannot differ from picture to picture
};

/// Whether pictures that are denoised together may differ in a field.
enum class InBatch {
  may_differ,
  must_agree,
  sizes,  ///< the size that is denoised must agree, and this has a say in it
};

/// What a receipt says of a field.
enum class Recorded {
  fully,
  as_used,  ///< what was really used, the model's config and the device taken into account
  by_name,  ///< what identifies it; the thing itself must be given again
  never,
};

/// How text says a value, where its type does not decide that.
enum class Notation {
  plain,
  off_switch,  ///< a flag that makes it false: no-paste
  inversion,   ///< a flag by which the picture is read inverted: invert-mask
  tile,  ///< pixels, or `auto` and `off` for nothing and 0, which is written so as well if the
         ///< range has it
};

struct Range {
  double low, high;
};

/// One thing that can be asked for.
struct Field {
  std::string_view name;                     ///< of the option, without dashes: "guidance-scale"
  std::array<std::string_view, 2> others{};  ///< further long names; may be empty
  char letter = '\0';                        ///< short name; '\0': none
  bool positional = false;                   ///< the name may be left out
  Group group = Group::output;
  std::string_view unit{};  ///< of the value, as "FILE"; empty: a flag
  std::string_view help{};
  std::string_view shown_default{};  ///< what help says instead of the value in the request
  std::optional<Range> range{};      ///< inclusive
  std::span<const std::string_view> words{};  ///< some that text may be, where no type says that
  std::string_view but{};                     ///< a word of its type that it does not take
  bool value_optional = false;  ///< a value stands behind '=' or is left out, for the shown default
  /// What was expected instead of a text; "" if it will do. Null: any text will.
  std::string (*complaint)(const std::string& text) = nullptr;
  Notation notation = Notation::plain;
  Scope scope = Scope::picture;
  InBatch in_batch = InBatch::may_differ;
  Recorded recorded = Recorded::fully;
  std::string_view key{};        ///< in receipts, where it is not the name with underscores
  std::string_view parameter{};  ///< in the block that web UIs read; empty: it is not in there
  bool tells_task = false;       ///< settings that have it ask for this task
  /// A list that it goes with: without one it is not recorded; if it is a list itself, it is given at
  /// most as often.
  std::string_view beside{};
  bool each = false;     ///< as often, no less
  bool alone = false;    ///< or, where there is none of the other list, by itself
  bool special = false;  ///< only some models have a use for it, and say so
};

/// The name in receipts: "guidance_scale".
std::string receipt_key(const Field& field);

/// True for the field's name and its other long names.
bool is_named(const Field& field, std::string_view name);

/// Takes the text of an option that only its owner understands.
using TextSink = std::function<void(const std::string&)>;

/// What may be asked for several times; see column.h.
class Column;
using List = std::shared_ptr<Column>;

template <template <class> class To>
using PlaceOf = std::variant<
    std::monostate, TextSink, List, To<std::string>, To<std::filesystem::path>, To<int>, To<double>,
    To<bool>, To<std::uint64_t>, To<std::optional<int>>, To<std::optional<double>>,
    To<std::optional<std::string>>, To<std::optional<Extent>>, To<std::optional<Offset>>,
    To<PromptSyntax>, To<Fit>, To<DType>, To<Offload>, To<SamplerOptions>,
    To<std::optional<Schedule>>, To<std::optional<TimestepSpacing>>, To<std::optional<Prediction>>,
    To<Margins>, To<Image>, To<GrayImage>, To<std::optional<GrayImage>>, To<std::optional<Latents>>,
    To<std::optional<ImageEmbeds>>, To<LoraUse>, To<EmbeddingUse>, To<Grounding>, To<MixItem>>;

template <class T>
using PointerTo = T*;
template <class T>
using PointerToConst = const T*;

/// Where a field's value is. SamplerOptions stand for the sampler in them, a number of 64 bits for
/// a seed. Nothing: others read it.
using Place = PlaceOf<PointerTo>;
using ConstPlace = PlaceOf<PointerToConst>;

using Visit = std::function<void(const Field& field, const Place& place)>;
using ConstVisit = std::function<void(const Field& field, const ConstPlace& place)>;

/// True for what text only names: pictures, latents and embeddings, which are read from files.
bool is_file(const ConstPlace& place);

/// True for what may be asked for several times.
bool is_list(const ConstPlace& place);

/// True for an option that stands without a value.
bool is_flag(const Field& field);

ConstPlace read_only(const Place& place);

}  // namespace velatura::request
