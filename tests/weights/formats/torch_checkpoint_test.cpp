#include "weights/formats/torch_checkpoint.h"

#include <gmock/gmock.h>

#include <bit>

#include "weights/files.h"
#include "weights/formats/checkpoint.h"
#include "weights/pickles.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using namespace velatura::testing;
using namespace std::string_literals;
using ::testing::AllOf;
using testing::counting;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;

enum class Form { zip, legacy };

std::string floats(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) bytes += little(std::bit_cast<std::uint32_t>(value), 4);
  return bytes;
}

// One float storage "0" of 0, 1, 2, … and whatever object.
std::string file_of(Form form, const std::string& object, std::size_t count = 12) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  if (form == Form::zip) return torch_zip(pickle(object), {{"0", floats(values)}}).bytes();
  return torch_legacy(pickle(object), {{"0", count, floats(values)}});
}

class TorchFile : public ::testing::TestWithParam<Form> {
 protected:
  std::string file(const std::string& object) { return file_of(GetParam(), object); }
  Checkpoint open(const std::string& bytes) { return open_checkpoint(folder.write("t.pt", bytes)); }
  at::Tensor load(const std::string& bytes) {
    const auto source = open(bytes).source;
    EXPECT_THAT(source->names(), ElementsAre("t"));
    return source->load("t");
  }
  std::string refused(const std::string& bytes) {
    const auto path = folder.write("t.pt", bytes);
    return refusal([&] { open_checkpoint(path); });
  }
  std::string refused_tensor(const std::string& tensor) {
    return refused(file(dict({text("t"), tensor})));
  }

  Folder folder;
};

INSTANTIATE_TEST_SUITE_P(BothForms, TorchFile, ::testing::Values(Form::zip, Form::legacy),
                         [](const auto& form) {
                           return form.param == Form::zip ? "Zip" : "Legacy";
                         });

TEST_P(TorchFile, TensorsAreViewsOfTheirStorage) {
  const auto view = [&](std::int64_t offset, const std::vector<std::int64_t>& shape,
                        const std::vector<std::int64_t>& strides) {
    return load(file(dict({text("t"), tensor(storage("0", 12), offset, shape, strides)})));
  };
  const at::Tensor base = counting({3, 4});
  EXPECT_TRUE(at::equal(view(0, {3, 4}, {4, 1}), base));
  EXPECT_TRUE(at::equal(view(0, {4, 3}, {1, 4}), base.t()));
  EXPECT_TRUE(at::equal(view(6, {2}, {4}), base.slice(0, 1).select(1, 2)));
  EXPECT_TRUE(at::equal(view(11, {}, {}), at::tensor(11.f).squeeze()));
  EXPECT_TRUE(at::equal(view(3, {1, 2}, {9, 1}), at::tensor({3.f, 4.f}).view({1, 2})));
  EXPECT_TRUE(at::equal(view(0, {2, 2}, {0, 1}), at::tensor({0.f, 1.f, 0.f, 1.f}).view({2, 2})));
  EXPECT_EQ(view(12, {0, 5}, {1, 1}).numel(), 0);
  for (const auto& made : {view(0, {4, 3}, {1, 4}), view(0, {2, 2}, {0, 1})}) {
    EXPECT_TRUE(made.is_contiguous());
  }
}

TEST_P(TorchFile, PartsOfAStorageAreThoseOfOldFiles) {
  const auto part = storage("0", 12, "FloatStorage", tuple({text("v"), "K\x04", "K\x06"}));
  EXPECT_TRUE(
      at::equal(load(file(dict({text("t"), tensor(part, 1, {5}, {1})}))), at::arange(5.f, 10.f)));
  EXPECT_THAT(refused_tensor(tensor(part, 1, {6}, {1})), HasSubstr("do not fit a storage of 6"));
}

TEST_P(TorchFile, StateDictsMayBeNested) {
  const std::string t = tensor(storage("0", 12), 0, {2}, {1});
  const auto checkpoint = open(file(
      dict({text("epoch"), "K\x01", text("global_step"), integer(875000), text("state_dict"),
            global("collections", "OrderedDict") + ")R(" + text("t") + t + text("other") + "Nu}b",
            text("optimizer_states"), list({dict({text("t"), t})}), text("u"), t})));
  EXPECT_THAT(checkpoint.source->names(), ElementsAre("t"));
  EXPECT_THAT(checkpoint.metadata, ElementsAre(::testing::Pair("global_step", "875000")));
  EXPECT_THAT(checkpoint.source->where(), HasSubstr("t.pt"));
  EXPECT_THAT(refusal([&] { checkpoint.source->load("u"); }), HasSubstr("no tensor 'u'"));
  EXPECT_FALSE(checkpoint.source->find("u"));
}

TEST_P(TorchFile, DictsOfDictsAreTakenUnderBothKeys) {
  const std::string t = tensor(storage("0", 12), 0, {2}, {1});
  const std::string parts = text("image_proj") + dict({text("proj.weight"), t}) +
                            text("ip_adapter") + dict({text("1.to_k_ip.weight"), t}) +
                            text("epoch") + "K\x01";
  EXPECT_THAT(open(file(dict({parts}))).source->names(),
              ElementsAre("image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"));
  // Where there are tensors on the outside, they are all that was meant.
  EXPECT_THAT(open(file(dict({parts + text("t") + t}))).source->names(), ElementsAre("t"));
}

TEST_P(TorchFile, RefusesWhatIsNoStateDict) {
  const std::string t = tensor(storage("0", 12), 0, {2}, {1});
  for (const std::string& object : {t, list({t}), tuple({t}), "N" + t + "\x86"s}) {
    EXPECT_THAT(refused(file(object)), HasSubstr("t.pt: not a dict of tensors"));
  }
  EXPECT_THAT(refused(file(dict({text("state_dict"), t}))), HasSubstr("state_dict is not a dict"));
  EXPECT_THAT(refused(file(dict({text("epoch"), "K\x01", text("a"), list({t})}))),
              HasSubstr("there are no tensors in it"));
  EXPECT_THAT(refused(file(dict({"K\x01", t}))), HasSubstr("name is not a text"));
  EXPECT_THAT(refused(file(dict({text("t"), t, text("t"), t}))),
              HasSubstr("tensor 't': appears twice"));
  const std::string nested = dict({text("t"), t});
  EXPECT_THAT(refused(file(dict({text("state_dict"), nested, text("state_dict"), nested}))),
              HasSubstr("key 'state_dict' appears twice"));
  EXPECT_THAT(refused(file(dict({text("a\0b"s), t}))),
              AllOf(HasSubstr("a\\x00b"), HasSubstr("zero byte")));
  EXPECT_THAT(refused(file(dict({text(std::string(5000, 'n')), t}))),
              HasSubstr("longer than 4096"));
}

TEST_P(TorchFile, RefusesTensorsOutsideTheirStorage) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  struct Lie {
    std::int64_t offset;
    std::vector<std::int64_t> shape, strides;
  };
  for (const auto& [offset, shape, strides] : {
           Lie{0, {13}, {1}},
           Lie{1, {12}, {1}},
           Lie{12, {1}, {1}},
           Lie{13, {0}, {1}},
           Lie{-1, {1}, {1}},
           Lie{least, {1}, {1}},
           Lie{most, {1}, {1}},
           Lie{0, {-1}, {1}},
           Lie{0, {2}, {-1}},
           Lie{11, {2}, {-1}},
           Lie{0, {2}, {12}},
           Lie{0, {2, 2}, {11, 1}},
           Lie{0, {2}, {most}},
           Lie{0, {3}, {most}},
           Lie{0, {most}, {most}},
           Lie{0, {most, most}, {1, 1}},
           Lie{0, {std::int64_t{1} << 32, std::int64_t{1} << 32}, {0, 0}},
           Lie{0, {std::int64_t{1} << 40}, {0}},
           Lie{0, {4, 4}, {0, 1}},
           Lie{0, {most, most, 0}, {1, 1, 1}},
           Lie{0, {2}, {}},
           Lie{0, {}, {1}},
           Lie{0, {2, 2}, {1}},
       }) {
    EXPECT_THAT(refused_tensor(tensor(storage("0", 12), offset, shape, strides)),
                HasSubstr("t.pt: tensor 't': shape ["));
  }
}

TEST_P(TorchFile, RefusesStoragesThatLie) {
  for (const std::int64_t numel : {0, 1, 11, 13, 24}) {
    EXPECT_THAT(refused_tensor(tensor(storage("0", numel), 0, {0}, {1})),
                HasSubstr("storage '0' of " + std::to_string(numel)));
  }
  EXPECT_THAT(refused_tensor(tensor(storage("0", std::int64_t{1} << 62), 0, {1}, {1})),
              HasSubstr("said to be in 48 bytes"));
  for (const std::string type : {"HalfStorage", "DoubleStorage", "ByteStorage"}) {
    EXPECT_THAT(refused_tensor(tensor(storage("0", 12, type), 0, {1}, {1})), HasSubstr("t.pt"));
  }
  for (const std::string key : {"1", "", "../0", "00", "data.pkl", "/etc/passwd"}) {
    EXPECT_THAT(refused_tensor(tensor(storage(key, 12), 0, {1}, {1})), HasSubstr("storage '"));
  }
}

TEST_P(TorchFile, TruncationAtEveryByteIsAnError) {
  const std::string whole = file(dict({text("t"), tensor(storage("0", 12), 0, {3, 4}, {4, 1})}));
  load(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) refused(whole.substr(0, size));
}

// Whatever single byte is wrong: an error, or tensors that lie inside the file.
TEST_P(TorchFile, AnyChangedByteIsSurvived) {
  const std::string whole = file(dict({text("t"), tensor(storage("0", 12), 0, {3, 4}, {4, 1})}));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const unsigned change : {0x01u, 0x80u, 0xffu}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ change);
      try {
        const auto source = open(changed).source;
        for (const auto& name : source->names()) {
          const at::Tensor loaded = source->load(name);
          EXPECT_EQ(loaded.sizes().vec(), source->find(name)->shape);
          loaded.to(at::kDouble).sum();
        }
      } catch (const InputError&) {
      }
    }
  }
}

TEST_P(TorchFile, TruncationWhileInUseIsAnErrorAndNoSignal) {
  const std::string object = dict({text("t"), tensor(storage("0", 1 << 20), 0, {1 << 20}, {1})});
  const auto path = folder.write("t.pt", file_of(GetParam(), object, 1 << 20));
  const auto source = open_checkpoint(path).source;
  std::filesystem::resize_file(path, 4096);
  EXPECT_THAT(refusal([&] { source->load("t"); }), HasSubstr("was truncated"));
}

TEST(TorchZip, AlignedTensorsAliasTheFile) {
  const Folder folder;
  ZipFile zip = torch_zip(pickle(dict({text("t"), tensor(storage("0", 2), 0, {2}, {1})})),
                          {{"0", floats({1.5f, -2.f})}});
  for (std::size_t padding = 0; padding < 4; ++padding) {
    zip.items[2].local.extra = "FB" + little(padding, 2) + std::string(padding, 'Z');
    const auto path = folder.write("t.pt", zip.bytes());
    at::Tensor first, second;
    {
      const auto source = open_checkpoint(path).source;
      first = source->load("t");
      second = source->load("t");
    }
    const auto place = zip.bytes().find(floats({1.5f, -2.f}));
    EXPECT_EQ(first.const_data_ptr() == second.const_data_ptr(), place % 4 == 0);
    EXPECT_TRUE(at::equal(first, at::tensor({1.5f, -2.f})));
  }
}

class TorchZipFile : public TorchFile {};
INSTANTIATE_TEST_SUITE_P(Zip, TorchZipFile, ::testing::Values(Form::zip),
                         [](const auto&) { return "Zip"; });

TEST_P(TorchZipFile, RefusesArchivesThatAreNoCheckpoints) {
  const std::string object = pickle(dict({text("t"), tensor(storage("0", 1), 0, {1}, {1})}));
  const std::string one = floats({1});
  EXPECT_THAT(refused(ZipFile{{{"word/document.xml", "<w/>"}}}.bytes()),
              HasSubstr("no data.pkl in it"));
  ZipFile zip = torch_zip(object, {{"0", one}});
  open(zip.bytes());
  zip.items.push_back({"other/data.pkl", object});
  EXPECT_THAT(refused(zip.bytes()), HasSubstr("two objects"));
  zip = torch_zip(object + pickle("N"), {{"0", one}});
  EXPECT_THAT(refused(zip.bytes()), HasSubstr("goes on after its pickle's end"));
  zip = torch_zip(object, {{"0", one}});
  zip.items[1].content = "big";
  EXPECT_THAT(refused(zip.bytes()), HasSubstr("byteorder is 'big', expected little"));
  zip.items.erase(zip.items.begin() + 1);
  open(zip.bytes());
  zip.items.back().content = "99\n";
  EXPECT_THAT(refused(zip.bytes()), HasSubstr("version is '99\\x0a'"));
}

class TorchLegacyFile : public TorchFile {};
INSTANTIATE_TEST_SUITE_P(Legacy, TorchLegacyFile, ::testing::Values(Form::legacy),
                         [](const auto&) { return "Legacy"; });

TEST_P(TorchLegacyFile, RefusesFilesThatDoNotBeginAsTheyMust) {
  const std::string object = dict({text("t"), tensor(storage("0", 12), 0, {1}, {1})});
  EXPECT_THAT(refused(pickle(object)), HasSubstr("no magic number"));
  EXPECT_THAT(refused(pickle(global("os", "system") + text("true") + "\x85R")),
              HasSubstr("asks for 'system' of module 'os'"));
  EXPECT_THAT(refused(kLegacyMagic + pickle("M" + little(1000, 2))), HasSubstr("1001"));
  EXPECT_THAT(refused(kLegacyMagic + pickle(text("1001"))), HasSubstr("1001"));
  for (const std::string& properties : {"N"s, dict({}), dict({text("little_endian"), "\x89"}),
                                        dict({text("little_endian"), "N"})}) {
    EXPECT_THAT(refused(kLegacyMagic + kLegacyVersion + pickle(properties)),
                HasSubstr("little-endian"));
  }
}

TEST_P(TorchLegacyFile, RefusesStoragesThatAreNotAsListed) {
  const std::string object = pickle(dict({text("t"), tensor(storage("0", 1), 0, {1}, {1})}));
  const std::string one = floats({1});
  open(torch_legacy(object, {{"0", 1, one}}));
  EXPECT_THAT(refused(torch_legacy(object, {{"0", 1, one + "x"}})), HasSubstr("1 bytes after"));
  EXPECT_THAT(refused(torch_legacy(object, {{"0", 2, one}})), HasSubstr("cut off"));
  for (const std::uint64_t count : {std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
    EXPECT_THAT(refused(torch_legacy(object, {{"0", count, one}})), HasSubstr("cut off"));
  }
  EXPECT_THAT(refused(torch_legacy(object, {{"0", 1, one}, {"1", 1, one}})),
              HasSubstr("storage '1' is listed, but no tensor lies in it"));
  EXPECT_THAT(refused(torch_legacy(object, {{"0", 1, one}, {"0", 1, one}})),
              HasSubstr("'0' is listed twice"));
  EXPECT_THAT(refused(torch_legacy(object, {})), HasSubstr("'0' is not in the file"));
  const std::string two_types =
      pickle(dict({text("t"), tensor(storage("0", 1), 0, {1}, {1}), text("u"),
                   tensor(storage("0", 1, "LongStorage"), 0, {1}, {1})}));
  EXPECT_THAT(refused(torch_legacy(two_types, {{"0", 1, one}})), HasSubstr("of two types"));
}

// Files of PyTorch itself, from scripts/fixtures/make_checkpoint_fixtures.py.
const std::filesystem::path kGenuine = VELATURA_FIXTURES "/weights/checkpoints";

class GenuineCheckpoint : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(OfEveryProtocol, GenuineCheckpoint,
                         ::testing::Values("zip-2.pt", "zip-3.pt", "zip-4.pt", "zip-5.pt",
                                           "legacy-2.pt", "legacy-3.pt", "legacy-4.pt",
                                           "legacy-5.pt"),
                         [](const auto& name) {
                           std::string word = name.param.substr(0, name.param.find('.'));
                           std::replace(word.begin(), word.end(), '-', '_');
                           return word;
                         });

TEST_P(GenuineCheckpoint, GivesBackWhatWasSaved) {
  const auto expected = open_checkpoint(kGenuine / "expected.safetensors").source;
  const auto read_back = open_checkpoint(kGenuine / GetParam()).source;
  ASSERT_EQ(read_back->names(), expected->names());
  EXPECT_EQ(read_back->names().size(), 18u);
  for (const auto& name : expected->names()) {
    const at::Tensor found = read_back->load(name), wanted = expected->load(name);
    ASSERT_EQ(found.scalar_type(), wanted.scalar_type()) << name;
    ASSERT_EQ(found.sizes(), wanted.sizes()) << name;
    EXPECT_TRUE(at::equal(found.to(at::kDouble), wanted.to(at::kDouble))) << name;
  }
}

TEST_P(GenuineCheckpoint, TruncatedAtAnyByteIsAnError) {
  const Folder folder;
  const auto path = folder / "t.pt";
  std::filesystem::copy_file(kGenuine / GetParam(), path);
  for (auto size = std::filesystem::file_size(path); size-- > 0;) {
    std::filesystem::resize_file(path, size);
    refusal([&] { open_checkpoint(path); });
  }
}

TEST(LightningCheckpoint, GivesItsStateDictAndPassesOverTheRest) {
  const auto [source, metadata] = open_checkpoint(kGenuine / "lightning.ckpt");
  EXPECT_THAT(source->names(), ElementsAre("bias", "weight"));
  EXPECT_TRUE(at::equal(source->load("weight"), counting({3, 2})));
  EXPECT_EQ(metadata.at("global_step"), "875000");
}

}  // namespace
}  // namespace velatura::weights
