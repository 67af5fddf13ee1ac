// How each trait, and what means nothing, is painted. A strength lies in 0..1.
#pragma once

#include "canvas.hpp"
#include "dice.hpp"

namespace synthesize {

/// The colours of a poster.
struct palette {
  colour back, other, first, second;
};

/// Two colours that run into each other, hardly or (ramp > 0) all the way, or meet at an edge (halves > 0).
void paint_background(canvas& on, dice draw, palette const& colours, float ramp, float halves);
/// Squares, bars and blots that mean nothing.
void paint_distractors(canvas& on, dice draw, palette const& colours);
/// Bright specks.
void paint_stars(canvas& on, dice draw, float strength);
/// A band of parallel stripes.
void paint_stripes(canvas& on, dice draw, palette const& colours, float strength);
/// Discs and rings.
void paint_circles(canvas& on, dice draw, palette const& colours, float strength);
/// Triangles of any direction.
void paint_triangles(canvas& on, dice draw, palette const& colours, float strength);
/// Lines of words, too small to read.
void paint_text(canvas& on, dice draw, palette const& colours, float strength);
/// Head and shoulders, black.
void paint_figure(canvas& on, dice draw, float strength);
/// Boxes over what was painted.
void paint_patches(canvas& on, dice draw, palette const& colours);
/// A line of large words near the bottom, as every poster has.
void paint_title(canvas& on, dice draw, palette const& colours);
/// A frame; a hairline on some posters without the trait.
void paint_frame(canvas& on, dice draw, palette const& colours, float strength);
/// Noise of each pixel for itself.
void add_grain(canvas& on, dice draw, float amount);

}  // namespace synthesize
