// Where the features of batches come from: memory of the backend, or the host, while the backend works.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <softf1/backend/staging.hpp>
#include <softf1/training/batches.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// An epoch that begins, or goes on.
struct feed_epoch {
  std::size_t epoch = 1;                    ///< counted from 1
  std::vector<std::uint64_t> const& order;  ///< of its rows
  std::size_t first = 0;                    ///< how many of them were used already
  std::size_t batch = 1;                    ///< rows of a batch; the last one may have fewer
};

/// The features of batches, in the order of an epoch. Used by one thread at a time.
template <class T, class B = cpu>
class feature_feed {
 public:
  // Named, since nvcc would have it so.
  inline feature_feed() = default;
  feature_feed(feature_feed const&) = delete;
  feature_feed& operator=(feature_feed const&) = delete;
  virtual ~feature_feed() = default;

  virtual std::size_t rows() const = 0;
  virtual std::size_t dimension() const = 0;

  virtual void begin(context<B>& ctx, feed_epoch const& epoch) = 0;
  /// The next batch is to be worked on: what is not recorded.
  virtual void load(context<B>& ctx, matrix_view<T, B> to) = 0;
  /// Within the recorded work: the rows `ids` of the batch, on the backend.
  virtual void gather(context<B>& ctx, vector_view<std::uint64_t const, B> ids, matrix_view<T, B> to) = 0;
};

/// Features that lie on the backend: (N, D), dense.
template <class T, class B = cpu>
class resident_features final : public feature_feed<T, B> {
 public:
  explicit resident_features(matrix_view<const T, B> features) : features_(features) {}

  std::size_t rows() const override { return features_.rows(); }
  std::size_t dimension() const override { return features_.cols(); }
  void begin(context<B>&, feed_epoch const&) override {}
  void load(context<B>&, matrix_view<T, B>) override {}
  void gather(context<B>& ctx, vector_view<std::uint64_t const, B> ids, matrix_view<T, B> to) override {
    for_each_cell(ctx, to.rows(), to.cols(), gather_rows<T, B>{features_, ids, to});
  }

 private:
  matrix_view<const T, B> features_;
};

/// Features that stay on the host, (N, D), for backends with memory of their own: the next batch travels from pinned
/// memory while the backend works on this one. The same bits as features that lie there.
template <class T, class B>
class streamed_features final : public feature_feed<T, B> {
 public:
  /// `most`: rows of a batch.
  streamed_features(context<B>& ctx, matrix_view<const T> features, std::size_t most)
      : features_(features), queue_(ctx, most * features.cols()) {}

  std::size_t rows() const override { return features_.rows(); }
  std::size_t dimension() const override { return features_.cols(); }
  void begin(context<B>& ctx, feed_epoch const& epoch) override {
    order_ = epoch.order;
    batch_ = epoch.batch;
    next_ = epoch.first;
    send(ctx);
  }
  void load(context<B>& ctx, matrix_view<T, B> to) override {
    send(ctx);
    queue_.receive(ctx, vector_view<T, B>(to.data(), to.size()));
  }
  void gather(context<B>&, vector_view<std::uint64_t const, B>, matrix_view<T, B>) override {}

 private:
  void send(context<B>& ctx) {
    std::size_t const count = std::min(batch_, order_.size() - next_), width = features_.cols();
    if (count == 0) return;
    T* const to = queue_.next();
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t const row = static_cast<std::size_t>(order_[next_ + i]);
      for (std::size_t j = 0; j < width; ++j) to[i * width + j] = features_(row, j);
    }
    queue_.send(ctx, count * width);
    next_ += count;
  }

  matrix_view<const T> features_;
  staging_queue<T, B> queue_;
  std::vector<std::uint64_t> order_;
  std::size_t batch_ = 0, next_ = 0;
};

/// Features of batches that are made on the host, such as those of images that are augmented anew in each epoch.
template <class T>
class host_feed {
 public:
  inline host_feed() = default;
  host_feed(host_feed const&) = delete;
  host_feed& operator=(host_feed const&) = delete;
  virtual ~host_feed() = default;

  virtual std::size_t rows() const = 0;
  virtual std::size_t dimension() const = 0;
  virtual void begin(feed_epoch const& epoch) = 0;
  /// Writes the next batch: (n, D), dense.
  virtual void load(matrix_view<T> to) = 0;
};

/// Those features on any backend.
template <class T, class B = cpu>
class features_from_host final : public feature_feed<T, B> {
 public:
  explicit features_from_host(host_feed<T>& from) : from_(from) {}

  std::size_t rows() const override { return from_.rows(); }
  std::size_t dimension() const override { return from_.dimension(); }
  void begin(context<B>&, feed_epoch const& epoch) override { from_.begin(epoch); }
  void load(context<B>& ctx, matrix_view<T, B> to) override {
    if constexpr (std::is_same_v<B, cpu>) {
      from_.load(to);
    } else {
      memory_.resize(to.size());
      from_.load({memory_.data(), to.rows(), to.cols()});
      copy(ctx, vector_view<const T>(memory_.data(), memory_.size()), vector_view<T, B>(to.data(), to.size()));
    }
  }
  void gather(context<B>&, vector_view<std::uint64_t const, B>, matrix_view<T, B>) override {}

 private:
  host_feed<T>& from_;
  std::vector<T> memory_;
};

}  // namespace softf1::inline SOFTF1_ABI::training
