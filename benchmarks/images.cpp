// Images a second on one thread: decoding, resizing, each step of an augmentation, and the loader around them all.
//
// SOFTF1_BENCHMARK_IMAGES names a folder of images; without it, smooth noise of the size of a poster is drawn.
#include <softf1/data/image_loader.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/image/encode.hpp>
#include <softf1/image/resize.hpp>
#include <softf1/io/file.hpp>

namespace {

namespace image = softf1::image;

/// Encoded images in memory.
class pictures final : public softf1::image_source {
 public:
  pictures() {
    if (char const* const folder = std::getenv("SOFTF1_BENCHMARK_IMAGES"))
      read_folder(folder);
    else
      draw(32);
    for (std::size_t k = 0; k < files_.size(); ++k) decoded_.push_back(image::decode(files_[k], name(k)));
  }

  std::size_t size() const override { return files_.size(); }
  std::string name(std::size_t i) const override { return "picture " + std::to_string(i); }
  std::span<std::byte const> read(std::size_t i, std::vector<std::byte>&) const override { return files_[i]; }
  softf1::rgb_image const& decoded(std::size_t i) const { return decoded_[i % decoded_.size()]; }

  static std::shared_ptr<pictures const> all() {
    static auto const made = std::make_shared<pictures const>();
    return made;
  }

 private:
  void read_folder(std::string const& folder) {
    std::vector<std::string> paths;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    for (std::size_t k = 0; k < paths.size() && k < 500; ++k)
      files_.push_back(softf1::io::read_file(paths[k], "benchmark"));
  }

  void draw(std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
      softf1::random_stream const random(n);
      softf1::rgb_image grain(24, 16);
      for (std::size_t k = 0; k < grain.pixels.size(); ++k)
        grain.pixels[k] = static_cast<std::uint8_t>(random.bits(k) & 0xff);
      files_.push_back(softf1::encode_jpeg(softf1::resized(grain, 380, 256)));
    }
  }

  std::vector<std::vector<std::byte>> files_;
  std::vector<softf1::rgb_image> decoded_;
};

constexpr std::size_t side = 224;

template <class Each>
void images(benchmark::State& state, Each const& each) {
  auto const source = pictures::all();
  std::size_t k = 0;
  for (auto _ : state) each(*source, k++);
  state.SetItemsProcessed(state.iterations());
}

void decode(benchmark::State& state) {
  images(state, [](pictures const& from, std::size_t k) {
    std::vector<std::byte> unused;
    benchmark::DoNotOptimize(image::decode(from.read(k % from.size(), unused), "picture").pixels.data());
  });
}

/// preprocess, with a decode before it or without.
template <class T, bool WithDecode>
void resize(benchmark::State& state) {
  std::vector<T> out(side * side * 3);
  image::preprocessing const how{.filter = static_cast<image::resize_filter>(state.range(0))};
  images(state, [&](pictures const& from, std::size_t k) {
    softf1::tensor_view<T, 3> const to(out.data(), {side, side, 3});
    std::vector<std::byte> unused;
    if constexpr (WithDecode)
      image::preprocess(image::decode(from.read(k % from.size(), unused), "picture"), how, to);
    else
      image::preprocess(from.decoded(k), how, to);
    benchmark::ClobberMemory();
  });
}

void augmented(benchmark::State& state, image::augmentation const& what) {
  std::vector<std::uint8_t> out(side * side * 3);
  images(state, [&](pictures const& from, std::size_t k) {
    image::augment(from.decoded(k), what, {}, softf1::random_stream(k),
                   softf1::tensor_view<std::uint8_t, 3>(out.data(), {side, side, 3}));
    benchmark::ClobberMemory();
  });
}

void ten_crops(benchmark::State& state) {
  std::vector<std::uint8_t> out(10 * side * side * 3);
  auto const list = image::parse_crops("ten_crop:resize=255");
  images(state, [&](pictures const& from, std::size_t k) {
    image::crops(from.decoded(k), list, {}, softf1::tensor_view<std::uint8_t, 4>(out.data(), {10, side, side, 3}));
    benchmark::ClobberMemory();
  });
}

void loader(benchmark::State& state) {
  auto const source = pictures::all();
  std::vector<std::size_t> rows(std::max<std::size_t>(source->size(), 256));
  for (std::size_t k = 0; k < rows.size(); ++k) rows[k] = k % source->size();
  for (auto _ : state) {
    softf1::image_loader_options const options{
        .threads = static_cast<int>(state.range(0)),
        .bytes = true,
        .augmentation = state.range(1) ? softf1::tutorial_augmentation() : softf1::augmentation{}};
    softf1::image_loader all(source, rows, options);
    for (softf1::image_batch batch; all.next(batch);) benchmark::DoNotOptimize(batch.bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows.size()));
}

bool const registered = [] {
  auto const row = [](std::string const& name, auto run) {
    return benchmark::RegisterBenchmark(("image/" + name).c_str(), run)->Unit(benchmark::kMicrosecond)->UseRealTime();
  };
  row("decode", decode);
  for (long const filter : {0L, 1L}) {
    auto const name = std::string(image::name_of(static_cast<image::resize_filter>(filter)));
    row("resize_to_bytes/" + name, resize<std::uint8_t, false>)->Arg(filter);
    row("resize_to_floats/" + name, resize<float, false>)->Arg(filter);
    row("decode_and_resize_to_bytes/" + name, resize<std::uint8_t, true>)->Arg(filter);
    row("decode_and_resize_to_floats/" + name, resize<float, true>)->Arg(filter);
  }
  image::augmentation_steps::for_each([&]<class Step>() {
    row("augment/" + std::string(Step::name), [](benchmark::State& state) { augmented(state, {{Step{}}}); });
  });
  row("augment/tutorial", [](benchmark::State& state) { augmented(state, softf1::tutorial_augmentation()); });
  row("ten_crop", ten_crops);
  row("loader", loader)->ArgNames({"threads", "tutorial"})->ArgsProduct({{1, 2}, {0, 1}});
  return true;
}();

}  // namespace
