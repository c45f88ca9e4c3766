#include <gtest/gtest.h>

#include <set>
#include <type_traits>
#include <utility>

#include "request/column.h"
#include "request/fields.h"

// That no member of a struct has been left out of its description.

namespace velatura::request {
namespace {

struct Anything {
  template <class T>
  operator T() const;
};

/// How many members an aggregate has; its base counts as one.
template <class T, class... First>
constexpr std::size_t members() {
  if constexpr (requires { T{First{}..., Anything{}}; }) {
    return members<T, First..., Anything>();
  } else {
    return sizeof...(First);
  }
}

/// Counts the places that a description visits, each once, and those in a list's first item.
class Places {
 public:
  Visit visit() {
    return [this](const Field&, const Place& place) {
      std::visit([this](const auto& to) { add(to); }, place);
    };
  }
  std::size_t count() const { return places_.size(); }

 private:
  template <class To>
  void add(const To& to) {
    if constexpr (std::is_same_v<To, List>) {
      std::visit([this](const auto& item) { add(item); }, to->at(0));
    } else if constexpr (std::is_pointer_v<To>) {
      places_.insert({to, sizeof *to});
    }
  }

  std::set<std::pair<const void*, std::size_t>> places_;
};

template <class T>
std::size_t own_places() {
  T task;
  Places places;
  each_own_field(task, places.visit());
  return places.count();
}

TEST(Description, HasEveryMember) {
  PictureRequest request;
  Places common;
  each_common_field(request, common.visit());
  // `sampling` is not a place of its own: its sampler is. Nor are lists whose items have several.
  // Nor are the sizes that are told twice.
  EXPECT_EQ(common.count(), members<PictureRequest>() - 5 + members<SamplerOptions>() +
                                members<ControlUse>() + members<PicturePrompt>() +
                                2 * members<SizeConditioning>());

  EXPECT_EQ(own_places<TextToImage>(), members<TextToImage>() - 1);
  EXPECT_EQ(own_places<ImageToImage>(), members<ImageToImage>() - 1);
  EXPECT_EQ(own_places<Inpaint>(), members<Inpaint>() - 1);
  EXPECT_EQ(own_places<DepthToImage>(), members<DepthToImage>() - 1);
  EXPECT_EQ(own_places<Variations>(), members<Variations>() - 1);
  // Upscale has a constructor, and so cannot be counted: the fit, two numbers and one that may be
  // left open behind the picture.
  EXPECT_EQ(own_places<Upscale>(), 5u);
  struct Own {
    Image image;
    Fit fit;
    int noise_level;
    std::optional<int> tile;
    int tile_overlap;
  };
  EXPECT_EQ(sizeof(Upscale), sizeof(PictureRequest) + sizeof(Own))
      << "a new member needs a row in its description";

  ModelOptions options;
  Places of_the_model;
  each_field(options, of_the_model.visit());
  EXPECT_EQ(of_the_model.count(), members<ModelOptions>());
}

TEST(Description, NamesEveryFieldOnce) {
  for (const std::string_view task : kTasks) {
    std::set<std::string> names;
    const auto add = [&](const Field& field, const ConstPlace&) {
      EXPECT_TRUE(names.insert(std::string(field.name)).second) << task << " " << field.name;
      for (const std::string_view other : field.others) {
        EXPECT_TRUE(other.empty() || names.insert(std::string(other)).second) << other;
      }
      EXPECT_FALSE(field.help.empty()) << field.name;
    };
    const Request request = *make_request(task);
    each_field(request, add);
    const ModelOptions options;
    each_field(options, add);
  }
}

}  // namespace
}  // namespace velatura::request
