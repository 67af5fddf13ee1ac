"""Random cases for all metrics: drawn, written for metric_sample.cpp, and seen label by label and row by row."""
import dataclasses
import struct

import numpy as np

AVERAGES = ("macro", "micro", "weighted", "samples")
ZERO_DIVISIONS = (0.0, 1.0, np.nan)
TOP_K = (1, 2, 3, 5)
BINS = (4, 10, 15)
MAX_FPR = (0.1, 0.35, 1.0)
PROMISES = (0.5, 0.62, 0.97)


@dataclasses.dataclass
class Case:
    """Scores and targets (N, L); weights (N,), mask (N, L) and thresholds (L,) or None."""
    scores: np.ndarray
    targets: np.ndarray
    logits: bool = False
    weights: np.ndarray | None = None
    mask: np.ndarray | None = None
    thresholds: np.ndarray | None = None

    def __post_init__(self):
        self.rows, self.labels = self.scores.shape
        self.row_weights = np.ones(self.rows) if self.weights is None else self.weights
        self.present = np.ones(self.scores.shape, bool) if self.mask is None else self.mask.astype(bool)
        at = (0.0 if self.logits else 0.5) if self.thresholds is None else self.thresholds[None, :]
        self.at_threshold = self.scores == at
        self.predicted = (self.scores >= at).astype(int)
        self.second = (np.roll(self.scores, -1, 0) >= at).astype(int)  # of the other model: the row below
        self.probabilities = 1 / (1 + np.exp(-self.scores)) if self.logits else self.scores
        self.cell_weights = np.broadcast_to(self.row_weights[:, None], self.scores.shape)
        self.plain = self.mask is None and self.labels > 1  # peers take it whole: a single column is another problem

    def label(self, j, *arrays):
        """The cells of a label that are present: of targets, weights, and the arrays."""
        here = self.present[:, j]
        return [a[here, j] for a in (self.targets, self.cell_weights, *arrays)]

    def pooled(self, *arrays):
        """All cells that are present."""
        return [a[self.present] for a in (self.targets, self.cell_weights, *arrays)]

    def row(self, i, *arrays):
        """The cells of a row that are present; without weights."""
        here = self.present[i]
        return [a[i, here] for a in (self.targets, *arrays)]

    def counted_rows(self):
        """The rows that means over rows take."""
        return [i for i in range(self.rows) if self.present[i].any() and self.row_weights[i] > 0]

    def row_mean(self, value, defined=lambda targets: True):
        """The weighted mean of value(targets, scores) over the rows where it is defined."""
        rows = [i for i in self.counted_rows() if defined(self.row(i)[0])]
        if not rows:
            return np.nan
        return np.average([value(*self.row(i, self.scores)) for i in rows], weights=self.row_weights[rows])


def draw(rng, most_rows=200, most_labels=20):
    n = int(rng.integers(1, 13)) if rng.random() < 0.5 else int(rng.integers(1, most_rows + 1))
    l = int(rng.integers(1, 6)) if rng.random() < 0.8 else int(rng.integers(1, most_labels + 1))
    logits = rng.random() < 0.3
    targets = (rng.random((n, l)) < rng.random(l)).astype(int)
    signal = rng.random() * targets
    raw = rng.normal(4 * signal - 1, 1.5) if logits else np.clip(rng.beta(1, 1.5, (n, l)) * 0.8 + 0.4 * signal, 0, 1)
    step = rng.choice([0, 0, 1 / 16, 1 / 4, 1 / 2])  # 0: hardly any tie
    scores = np.round(raw / step) * step if step else raw
    if rng.random() < 0.1:
        scores[rng.integers(n)] = scores[0, 0]
    if rng.random() < 0.1:
        scores[:, rng.integers(l)] = scores[0, 0]
    scores = scores.astype(np.float32).astype(float) + 0.0  # no -0, and the same numbers in float
    for share, value in ((0.2, 0), (0.15, 1)):
        if rng.random() < share:
            targets[:, rng.integers(l)] = value
        if rng.random() < share:
            targets[rng.integers(n)] = value
    case = {"scores": scores, "targets": targets, "logits": logits}
    if rng.random() < 0.4:
        case["weights"] = rng.integers(0, 5, n) / 2.0
    if rng.random() < 0.35:
        mask = rng.random((n, l)) < 0.75
        if rng.random() < 0.3:
            mask[:, rng.integers(l)] = False
        if rng.random() < 0.3:
            mask[rng.integers(n)] = False
        case["mask"] = mask.astype(np.uint8)
    if rng.random() < 0.25:
        at = rng.integers(-4, 5, l) / 4.0 if logits else rng.integers(0, 17, l) / 16.0
        case["thresholds"] = at
    drawn = Case(**case)
    # Something must be left.
    return drawn if (drawn.present * drawn.cell_weights).sum() > 0 else draw(rng, most_rows, most_labels)


def write_cases(path, cases):
    with open(path, "wb") as f:
        f.write(struct.pack("d", len(cases)))
        for c in cases:
            extra = (c.weights, c.mask, c.thresholds)
            f.write(struct.pack("6d", c.rows, c.labels, c.logits, *(x is not None for x in extra)))
            for a in (c.scores, c.targets, *extra):
                if a is not None:
                    f.write(np.ascontiguousarray(a, np.float64).tobytes())


def read_cases(path):
    data = np.fromfile(path)
    at = 1

    def take(*shape):
        nonlocal at
        size = int(np.prod(shape))
        at += size
        return data[at - size:at].reshape(shape)

    cases = []
    for _ in range(int(data[0])):
        n, l, logits, weighted, masked, tuned = (int(x) for x in take(6))
        scores, targets = take(n, l), take(n, l).astype(int)
        cases.append(Case(scores, targets, bool(logits), take(n) if weighted else None,
                          take(n, l).astype(np.uint8) if masked else None, take(l) if tuned else None))
    return cases


def read_answers(path):
    """Yields the answers of each case: {name: numbers}."""
    answers = {}
    with open(path) as f:
        for line in f:
            if line == ".\n":
                yield answers
                answers = {}
                continue
            name, _, *numbers = line.split()
            answers[name] = np.array(numbers, float)


def mean(values, weights, zero):
    """The mean of scores, undefined ones as zero, or left out where that is NaN."""
    values = [zero if np.isnan(v) else v for v in values]
    left = [(v, w) for v, w in zip(values, weights) if not np.isnan(v) and w > 0]
    return sum(v * w for v, w in left) / sum(w for _, w in left) if left else np.nan


class Differences:
    """What a peer is known to do otherwise: a sentence, and a test that it still does. Values that are not compared for
    such a reason are counted."""

    def __init__(self):
        self.all = {}

    def add(self, name, sentence):
        """Decorates the test."""
        def keep(still_there):
            self.all[name] = {"sentence": sentence, "still_there": still_there, "met": 0}
            return still_there
        return keep

    def __call__(self, name):
        """None, the answer that is not compared."""
        self.all[name]["met"] += 1
        return None
