// The classifier: a model of `softf1 train` and an image give labels with their probabilities.
//
//   example_classify MODEL IMAGE [WEIGHTS]
//
// WEIGHTS: the file of the network's weights, needed unless they are random or the model bundles them.
#include <cstdio>
#include <exception>

#include <softf1/models/classifier.hpp>

int main(int count, char** arguments) try {
  if (count < 3) return std::fprintf(stderr, "usage: example_classify MODEL IMAGE [WEIGHTS]\n"), 2;
  softf1::classifier const classifier(arguments[1], count > 3 ? arguments[3] : "");
  auto const p = classifier.predict(arguments[2]);
  for (std::size_t label : p.decided)
    std::printf("%s %.2f\n", classifier.labels()[label].c_str(), p.probabilities[label]);
} catch (std::exception const& e) {
  std::fprintf(stderr, "error: %s\n", e.what());
  return 1;
}
