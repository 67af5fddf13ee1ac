// A picture of floats and the few things that are painted into it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/image/image.hpp>

namespace synthesize {

/// Red, green, blue in 0..1.
struct colour {
  float red = 0, green = 0, blue = 0;
};

inline colour mix(colour a, colour b, float share_of_b) {
  auto const one = [=](float x, float y) { return x + (y - x) * share_of_b; };
  return {one(a.red, b.red), one(a.green, b.green), one(a.blue, b.blue)};
}

/// Hue in turns (0 red, 1/3 green, 2/3 blue), saturation and value in 0..1.
struct hsv {
  float hue, saturation, value;
};

inline colour from_hsv(hsv const& c) {
  auto const channel = [&](float offset) {
    float const position = (c.hue + offset - std::floor(c.hue + offset)) * 6;
    float const ramp = std::clamp(std::abs(position - 3) - 1, 0.0f, 1.0f);
    return c.value * (1 - c.saturation * (1 - ramp));
  };
  return {channel(0), channel(2.0f / 3), channel(1.0f / 3)};
}

/// A point in pixels: x to the right, y down.
struct point {
  float x, y;
};

/// How much of a pixel lies inside, from its centre's signed distance to the edge (negative inside).
inline float covered(float distance) { return std::clamp(0.5f - distance, 0.0f, 1.0f); }

/// Signed distances, in pixels.
inline float disc(point p, point centre, float radius) { return std::hypot(p.x - centre.x, p.y - centre.y) - radius; }
inline float rectangle(point p, point low, point high) {
  return std::max(std::max(low.x - p.x, p.x - high.x), std::max(low.y - p.y, p.y - high.y));
}

/// Shapes. Written with braces, whose parts are evaluated from left to right, unlike arguments: draws keep their order.
struct disc_shape {
  point centre;
  float radius;
};
struct rectangle_shape {
  point low, high;
};
/// A regular polygon; `angle` is the direction of the middle of a side.
struct polygon_shape {
  point centre;
  float radius, angle;
  int sides;
};

/// The greatest of the distances to the sides.
inline float polygon(point p, polygon_shape const& shape) {
  float worst = -shape.radius;
  float const step = 6.2831853f / static_cast<float>(shape.sides);
  float const inner = shape.radius * std::cos(step / 2);
  for (int k = 0; k < shape.sides; ++k) {
    float const direction = shape.angle + static_cast<float>(k) * step;
    float const along = (p.x - shape.centre.x) * std::cos(direction) + (p.y - shape.centre.y) * std::sin(direction);
    worst = std::max(worst, along - inner);
  }
  return worst;
}

/// A colour that covers what is below it in part.
struct ink {
  colour of;
  float opacity;
};

/// Paints over what is there. Coordinates are those of pixel centres: column + 0.5, row + 0.5.
class canvas {
 public:
  canvas(std::size_t height, std::size_t width) : height_(height), width_(width), pixels_(height * width) {}

  float height() const { return static_cast<float>(height_); }
  float width() const { return static_cast<float>(width_); }

  /// Each pixel becomes change(where, what it was).
  template <class Change>
  void change(Change const& change) {
    change_within({0, 0}, {width(), height()}, change);
  }

  /// The same for the pixels of a rectangle.
  template <class Change>
  void change_within(point low, point high, Change const& change) {
    auto const clip = [](float x, std::size_t most) {
      return static_cast<std::size_t>(std::clamp(x, 0.0f, static_cast<float>(most)));
    };
    for (std::size_t y = clip(low.y, height_); y < clip(std::ceil(high.y), height_); ++y)
      for (std::size_t x = clip(low.x, width_); x < clip(std::ceil(high.x), width_); ++x) {
        auto& pixel = pixels_[y * width_ + x];
        pixel = change(point{static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f}, pixel);
      }
  }

  /// Fills a shape inside of a rectangle, given as a signed distance.
  template <class Distance>
  void fill(point low, point high, ink const& with, Distance const& distance) {
    change_within(low, high,
                  [&](point p, colour was) { return mix(was, with.of, with.opacity * covered(distance(p))); });
  }

  void fill(disc_shape const& shape, ink const& with) {
    fill_within(shape.centre, shape.radius, with, [&](point p) { return disc(p, shape.centre, shape.radius); });
  }
  void fill(polygon_shape const& shape, ink const& with) {
    fill_within(shape.centre, shape.radius, with, [&](point p) { return polygon(p, shape); });
  }
  void fill(rectangle_shape const& shape, ink const& with) {
    fill({shape.low.x - 1, shape.low.y - 1}, {shape.high.x + 1, shape.high.y + 1}, with,
         [&](point p) { return rectangle(p, shape.low, shape.high); });
  }

  /// 8 bits a channel, rounded to nearest.
  softf1::rgb_image image() const {
    softf1::rgb_image result(height_, width_);
    auto const byte = [](float x) { return static_cast<std::uint8_t>(std::clamp(x, 0.0f, 1.0f) * 255 + 0.5f); };
    for (std::size_t k = 0; k < pixels_.size(); ++k) {
      result.pixels[3 * k] = byte(pixels_[k].red);
      result.pixels[3 * k + 1] = byte(pixels_[k].green);
      result.pixels[3 * k + 2] = byte(pixels_[k].blue);
    }
    return result;
  }

 private:
  template <class Distance>
  void fill_within(point centre, float radius, ink const& with, Distance const& distance) {
    fill({centre.x - radius - 1, centre.y - radius - 1}, {centre.x + radius + 1, centre.y + radius + 1}, with,
         distance);
  }

  std::size_t height_, width_;
  std::vector<colour> pixels_;
};

}  // namespace synthesize
