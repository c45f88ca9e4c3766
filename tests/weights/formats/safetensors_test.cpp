#include "weights/formats/safetensors.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "weights/files.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;

TEST(SafetensorsFile, GivesBackWhatWasWritten) {
  testing::Tensors tensors;
  for (const auto dtype :
       {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
        at::kChar, at::kByte, at::kBool, at::kFloat8_e4m3fn, at::kFloat8_e5m2}) {
    tensors[c10::toString(dtype)] = counting({3, 5}).to(dtype);
  }
  tensors["scalar"] = at::tensor(2.5).squeeze();
  tensors["empty"] = at::empty({2, 0});
  tensors["transposed"] = counting({3, 4}).t();
  const Folder folder;
  const SafetensorsFile file(folder.write("t.safetensors", encoded(tensors, {{"k", "v"}})));
  EXPECT_EQ(file.names().size(), tensors.size());
  EXPECT_EQ(file.metadata().at("k"), "v");
  for (const auto& [name, expected] : tensors) {
    const auto info = file.find(name);
    ASSERT_TRUE(info) << name;
    const at::Tensor found = file.load(name);
    EXPECT_EQ(found.scalar_type(), expected.scalar_type()) << name;
    EXPECT_EQ(info->dtype, expected.scalar_type()) << name;
    EXPECT_EQ(info->shape, expected.sizes().vec()) << name;
    EXPECT_TRUE(at::equal(found.to(at::kDouble), expected.to(at::kDouble))) << name;
  }
  EXPECT_FALSE(file.find("absent"));
  EXPECT_THAT(refusal([&] { file.load("absent"); }), HasSubstr("no tensor 'absent'"));
}

TEST(SafetensorsFile, TensorsAliasTheMappingAndKeepItAlive) {
  const Folder folder;
  const auto path = folder.write("t.safetensors", encoded({{"t", counting({4})}}));
  at::Tensor first, second;
  {
    const SafetensorsFile file(path);
    first = file.load("t");
    second = file.load("t");
  }
  EXPECT_EQ(first.const_data_ptr(), second.const_data_ptr());
  EXPECT_TRUE(at::equal(first, counting({4})));
}

TEST(SafetensorsFile, CopiesWhatIsNotAligned) {
  const Folder folder;
  const std::string header = R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  for (std::size_t padding = 0; padding < 4; ++padding) {
    const float values[] = {1.5f, -2.f};
    const SafetensorsFile file(folder.write(
        "t.safetensors",
        testing::safetensors(header + std::string(padding, ' '),
                             std::string_view(reinterpret_cast<const char*>(values), 8))));
    const at::Tensor t = file.load("t");
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.const_data_ptr()) % 4, 0u);
    EXPECT_TRUE(at::equal(t, at::tensor({1.5f, -2.f})));
  }
}

TEST(SafetensorsFile, RefusesWhatCannotBeMapped) {
  const Folder folder;
  EXPECT_THAT(refusal([&] { SafetensorsFile(folder / "absent.safetensors"); }),
              HasSubstr("absent.safetensors: No such file"));
  EXPECT_THAT(refusal([&] { SafetensorsFile file(folder.path()); }),
              HasSubstr("not a regular file"));
}

TEST(SafetensorsFile, TruncationBeforeATensorIsReadIsAnError) {
  const Folder folder;
  const auto path = folder.write("t.safetensors", encoded({{"t", counting({1 << 20})}}));
  const SafetensorsFile file(path);
  std::filesystem::resize_file(path, 4096);
  EXPECT_THAT(refusal([&] { file.load("t"); }), HasSubstr("t.safetensors: was truncated"));
  EXPECT_THAT(refusal([&] { verify_mapped_files(); }), HasSubstr("was truncated"));
}

TEST(SafetensorsFile, TruncationOfATensorInUseIsAnErrorAndNoSignal) {
  const Folder folder;
  const auto path = folder.write("t.safetensors", encoded({{"t", counting({1 << 20}) + 1}}));
  {
    const SafetensorsFile file(path);
    const at::Tensor t = file.load("t");
    verify_mapped_files();
    std::filesystem::resize_file(path, 4096);
    EXPECT_EQ(t[-1].item<float>(), 0.f);
    EXPECT_EQ(t[1 << 19].item<float>(), 0.f);
    // The file grows back: the pages that were lost are still not to be trusted.
    std::filesystem::resize_file(path, 8 << 20);
    EXPECT_THAT(refusal([&] { verify_mapped_files(); }), HasSubstr("could not be read"));
  }
  verify_mapped_files();
}

TEST(SafetensorsFile, AnotherBusErrorStillEndsTheProcess) {
  const Folder folder;
  const auto path = folder.write("t.safetensors", encoded({{"t", counting({4})}}));
  const SafetensorsFile file(path);
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(raise(SIGBUS), ::testing::KilledBySignal(SIGBUS), "");
}

TEST(MappedFile, PagesLetGoAreReadAgain) {
  const Folder folder;
  const auto path = folder.write("t.safetensors", encoded({{"t", counting({1 << 20})}}));
  const SafetensorsFile file(path);
  const at::Tensor t = file.load("t");
  const std::span memory(static_cast<const std::byte*>(t.const_data_ptr()), t.nbytes());
  about_to_read(memory);
  done_reading(memory);
  EXPECT_TRUE(at::equal(t, counting({1 << 20})));
  // Memory that is no mapping keeps its content.
  const at::Tensor own = counting({1 << 20});
  done_reading({static_cast<const std::byte*>(own.const_data_ptr()), own.nbytes()});
  EXPECT_TRUE(at::equal(t, own));
}

TEST(EncodeSafetensors, AlignsEveryTensor) {
  const Folder folder;
  const auto path = folder.write("t.safetensors", encoded({{"a", counting({3}, at::kByte)},
                                                           {"b", counting({3}, at::kHalf)},
                                                           {"c", counting({3}, at::kDouble)}}));
  const SafetensorsHeader header =
      parse_safetensors_header(MappedFile::open(path)->bytes(), "t.safetensors");
  for (const auto& [name, tensor] : header.tensors) {
    EXPECT_EQ(tensor.begin % item_size(tensor.dtype), 0u) << name;
  }
}

}  // namespace
}  // namespace velatura::weights
