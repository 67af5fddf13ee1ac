#include "posters.hpp"

#include <array>
#include <string>

#include <softf1/core/errors.hpp>

#include "canvas.hpp"
#include "dice.hpp"
#include "traits.hpp"

namespace synthesize {

namespace {

constexpr std::size_t poster_height = 240, poster_width = 160;

/// How strongly each trait is drawn, 0 to 1.
using strengths = std::array<float, trait_count>;

strengths draw_strengths(dice draw, std::vector<std::uint8_t> const& labels, difficulty const& hard) {
  strengths result{};
  for (std::size_t k = 0; k < labels.size(); ++k) {
    bool const is_drawn =
        labels[k] ? !draw.chance(hard.left_out) : draw.chance(hard.unlabelled * label_frequency(static_cast<trait>(k)));
    float const strength = draw.from(hard.weakest, 1);
    if (is_drawn) result[k] = strength;
  }
  return result;
}

/// Any colours, drawn towards warm and bright, or dark ones.
palette draw_palette(dice draw, float warm, float dark) {
  float const hue = draw.from(0, 1);
  auto const pick = [&](float offset, float pull) {
    float const spread = draw.from(-.06f, .06f);
    auto const plain = from_hsv({hue + offset + spread, draw.from(.2f, .85f), draw.from(.35f, .85f)});
    auto const sunny = from_hsv({draw.from(-.02f, .14f), draw.from(.55f, .95f), draw.from(.75f, 1)});
    auto const shade = draw.from(.05f, .3f);
    auto const tinted = mix(plain, sunny, warm * pull);
    return mix(tinted, {tinted.red * shade, tinted.green * shade, tinted.blue * shade}, dark * pull);
  };
  float const away = draw.from(.2f, .8f);
  return {pick(0, 1), pick(draw.from(-.15f, .15f), .9f), pick(away, .45f), pick(away + draw.from(.1f, .4f), .45f)};
}

}  // namespace

synthetic_poster draw_poster(std::uint64_t seed, std::uint64_t index, std::size_t labels, difficulty const& hard) {
  if (labels < 1 || labels > trait_count)
    throw softf1::value_error("draw_poster: labels must lie in 1.." + std::to_string(trait_count) + ", got " +
                              std::to_string(labels));
  synthetic_poster poster{{}, draw_labels(seed, index, labels)};
  std::uint64_t part = 0;
  auto const next = [&] { return dice(seed, index, ++part); };
  auto const strong = draw_strengths(next(), poster.labels, hard);
  auto const colours = draw_palette(next(), strong[warm_colours], strong[dark_colours]);
  canvas on(poster_height, poster_width);
  paint_background(on, next(), colours, strong[colour_ramp], strong[two_halves]);
  auto const paint = [&](trait which, auto const& by) {
    auto const draw = next();
    if (strong[which] > 0) by(draw, strong[which]);
  };
  paint(stars, [&](dice draw, float s) { paint_stars(on, draw, s); });
  paint(stripes, [&](dice draw, float s) { paint_stripes(on, draw, colours, s); });
  paint_distractors(on, next(), colours);
  paint(circles, [&](dice draw, float s) { paint_circles(on, draw, colours, s); });
  paint(triangles, [&](dice draw, float s) { paint_triangles(on, draw, colours, s); });
  paint(dark_figure, [&](dice draw, float s) { paint_figure(on, draw, s); });
  paint(lines_of_text, [&](dice draw, float s) { paint_text(on, draw, colours, s); });
  auto patches = next();
  if (patches.chance(hard.covered)) paint_patches(on, patches, colours);
  paint_title(on, next(), colours);
  paint_frame(on, next(), colours, strong[wide_frame]);
  auto noise = next();
  float const everywhere = hard.noise * noise.from(.4f, 1.6f);
  add_grain(on, noise, everywhere + (strong[grain] > 0 ? .05f + .16f * strong[grain] : 0));
  poster.image = on.image();
  return poster;
}

}  // namespace synthesize
