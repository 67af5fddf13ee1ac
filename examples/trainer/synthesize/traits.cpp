#include "traits.hpp"

#include <algorithm>
#include <cmath>

namespace synthesize {

namespace {

point anywhere(dice& draw, canvas const& on) { return {draw.from(0, on.width()), draw.from(.05f, .85f) * on.height()}; }

/// A line of blocks as long as words.
void paint_words(canvas& on, dice& draw, point from, float to, float height, ink const& with) {
  while (from.x < to) {
    float const end = std::min(to, from.x + height * draw.from(.8f, 4));
    on.fill(rectangle_shape{from, {end, from.y + height}}, with);
    from.x = end + height * draw.from(.4f, .7f);
  }
}

}  // namespace

void paint_background(canvas& on, dice draw, palette const& colours, float ramp, float halves) {
  float const angle = draw.from(0, 6.2831853f), across = std::cos(angle), down = std::sin(angle);
  auto const far = from_hsv({draw.from(0, 1), draw.from(.5f, 1), draw.from(.5f, 1)});
  // Every background changes a little from one end to the other.
  float const plain_share = draw.from(0, .25f);
  auto const end = mix(mix(colours.back, colours.other, plain_share), far, .85f * ramp);
  float const size = on.height() / 2;
  on.change([&](point p, colour) {
    float const at = ((p.x - on.width() / 2) * across + (p.y - on.height() / 2) * down) / size;
    return mix(colours.back, end, std::clamp(at / 2 + .5f, 0.0f, 1.0f));
  });
  if (halves <= 0) return;
  bool const is_upright = draw.chance(.6);
  float const slope = draw.from(-.25f, .25f), place = draw.from(.42f, .58f);
  auto const middle = mix(colours.first, from_hsv({draw.from(0, 1), .7f, draw.from(.2f, 1)}), .5f);
  on.change([&](point p, colour was) {
    float const distance = is_upright ? p.x - place * on.width() - slope * (p.y - on.height() / 2)
                                      : p.y - place * on.height() - slope * (p.x - on.width() / 2);
    return mix(was, middle, (.35f + .65f * halves) * covered(-distance));
  });
}

void paint_distractors(canvas& on, dice draw, palette const& colours) {
  int const count = draw.whole(0, 5);
  for (int k = 0; k < count; ++k) {
    auto const plain = mix(colours.other, colours.second, draw.from(0, 1));
    ink const with{draw.chance(.5) ? colours.first : plain, draw.from(.3f, .9f)};
    auto const at = anywhere(draw, on);
    switch (draw.whole(0, 5)) {
      case 0:
      case 1:
        on.fill(polygon_shape{at, draw.from(5, 30), draw.from(0, 6.28f), 4}, with);
        break;
      case 2:
        on.fill(polygon_shape{at, draw.from(5, 28), draw.from(0, 6.28f), draw.whole(5, 6)}, with);
        break;
      case 3:
        on.fill(rectangle_shape{at, {at.x + draw.from(4, 70), at.y + draw.from(3, 25)}}, with);
        break;
      // Now and then one of the shapes that mean something, in small.
      case 4:
        on.fill(disc_shape{at, draw.from(3, 9)}, with);
        break;
      default:
        on.fill(polygon_shape{at, draw.from(4, 11), draw.from(0, 6.28f), 3}, with);
    }
  }
}

void paint_stars(canvas& on, dice draw, float strength) {
  int const count = 4 + static_cast<int>(190 * strength);
  for (int k = 0; k < count; ++k) {
    disc_shape const star{{draw.from(0, on.width()), draw.from(0, on.height())}, draw.from(.3f, 1.5f)};
    on.fill(star, {from_hsv({draw.from(0, 1), .15f, 1}), draw.from(.4f, 1) * (.5f + strength / 2)});
  }
}

void paint_stripes(canvas& on, dice draw, palette const& colours, float strength) {
  float const angle = draw.chance(.5) ? draw.from(-.15f, .15f) : draw.from(.5f, 1.1f);
  float const across = std::cos(angle), down = std::sin(angle), period = draw.from(8, 26), width = draw.from(.3f, .6f);
  float const low = draw.from(-.1f, .35f) * on.height(), high = low + draw.from(.4f, .8f) * on.height();
  on.change([&](point p, colour was) {
    float const at = (p.x * down + p.y * across) / period;
    float const inside = std::abs(at - std::floor(at) - .5f) - width / 2;
    bool const is_in_band = p.y > low && p.y < high;
    return is_in_band ? mix(was, colours.first, (.2f + .7f * strength) * covered(inside * period)) : was;
  });
}

void paint_circles(canvas& on, dice draw, palette const& colours, float strength) {
  int const count = 2 + static_cast<int>(8 * strength * draw.from(.5f, 1));
  for (int k = 0; k < count; ++k) {
    disc_shape const shape{anywhere(draw, on), draw.from(8, 22 + 18 * strength)};
    float const opacity = .35f + .6f * strength;
    on.fill(shape, {mix(colours.first, colours.second, draw.from(0, 1)), opacity});
    if (draw.chance(.6)) on.fill(disc_shape{shape.centre, shape.radius * draw.from(.4f, .8f)}, {colours.back, opacity});
  }
}

void paint_triangles(canvas& on, dice draw, palette const& colours, float strength) {
  int const count = 3 + static_cast<int>(12 * strength * draw.from(.5f, 1));
  for (int k = 0; k < count; ++k) {
    polygon_shape const shape{anywhere(draw, on), draw.from(8, 20 + 20 * strength), draw.from(0, 6.28f), 3};
    on.fill(shape, {mix(colours.second, {1, 1, 1}, draw.from(0, .5f)), .35f + .6f * strength});
  }
}

void paint_text(canvas& on, dice draw, palette const& colours, float strength) {
  float const height = draw.from(2.5f, 5), left = draw.from(.08f, .3f) * on.width();
  float const right = draw.from(.7f, .95f) * on.width();
  int const lines = 4 + static_cast<int>(14 * strength);
  bool const is_light = colours.back.red + colours.back.green + colours.back.blue < 1.4f;
  ink const with{is_light ? colour{.93f, .93f, .9f} : colour{.08f, .08f, .1f}, .4f + .55f * strength};
  float y = draw.from(.08f, .5f) * on.height();
  for (int k = 0; k < lines; ++k, y += height * draw.from(1.7f, 2)) {
    float const end = k % 5 == 4 ? draw.from(left, right) : right;
    paint_words(on, draw, {left, y}, end, height, with);
  }
}

void paint_figure(canvas& on, dice draw, float strength) {
  float const size = draw.from(.6f, 1.1f) * on.width() * (.5f + .4f * strength);
  point const head{draw.from(.3f, .7f) * on.width(), on.height() - size * draw.from(.95f, 1.15f)};
  ink const black{{.02f, .02f, .03f}, .6f + .4f * strength};
  on.fill(disc_shape{head, size * .24f}, black);
  point const body{head.x, head.y + size * .8f};
  on.fill({0, 0}, {on.width(), on.height()}, black, [&](point p) {
    float const dx = (p.x - body.x) / (size * .5f), dy = (p.y - body.y) / (size * .52f);
    return (std::hypot(dx, dy) - 1) * size * .5f;
  });
}

void paint_patches(canvas& on, dice draw, palette const& colours) {
  int const count = draw.whole(1, 3);
  for (int k = 0; k < count; ++k) {
    auto const at = anywhere(draw, on);
    point const end{at.x + draw.from(.15f, .5f) * on.width(), at.y + draw.from(.08f, .3f) * on.height()};
    auto const any = from_hsv({draw.from(0, 1), draw.from(0, .6f), draw.from(.1f, .9f)});
    on.fill(rectangle_shape{at, end}, {mix(colours.other, any, .6f), draw.from(.75f, 1)});
  }
}

void paint_title(canvas& on, dice draw, palette const& colours) {
  float const height = draw.from(5, 12), y = on.height() * draw.from(.84f, .93f), left = draw.from(6, 50);
  float const right = left + draw.from(50, 100);
  paint_words(on, draw, {left, y}, right, height, {mix(colours.second, {1, 1, 1}, draw.from(0, .9f)), .9f});
}

void paint_frame(canvas& on, dice draw, palette const& colours, float strength) {
  bool const is_labelled = strength > 0;
  if (!is_labelled && !draw.chance(.12)) return;
  // A hairline means nothing.
  float const width = is_labelled ? 5 + 9 * strength : draw.from(1, 2.5f);
  auto const end = draw.chance(.5) ? colour{1, 1, 1} : colour{0, 0, 0};
  auto const with = mix(colours.second, end, draw.from(.2f, .9f));
  on.change([&](point p, colour was) {
    float const inside = rectangle(p, {width, width}, {on.width() - width, on.height() - width});
    return mix(was, with, .9f * covered(-inside));
  });
}

void add_grain(canvas& on, dice draw, float amount) {
  on.change([&](point, colour was) {
    // Nearly normal: the sum of two uniform numbers; most of it is common to the channels.
    float const one = draw.from(-1, 1), other = draw.from(-1, 1), light = amount * (one + other);
    return colour{was.red + light, was.green + light * .9f, was.blue + light * 1.1f};
  });
}

}  // namespace synthesize
