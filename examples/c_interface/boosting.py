"""Losses of softf1 as custom objectives of LightGBM and XGBoost, on multi-label data that is drawn here:
python3 boosting.py path/to/libsoftf1_c.so

bce must give the models of the objectives that both libraries have built in: the exit status says. A library that is
not installed is left out; with neither, it ends with 77.
"""
import ctypes
import importlib.util
import sys

import numpy as np

softf1 = ctypes.CDLL(sys.argv[1])
softf1.softf1_last_error.restype = ctypes.c_char_p
ROW_MAJOR, LABEL_MAJOR = 0, 1  # softf1_layout


def derivatives(loss, scores, targets, least_hessian=1e-16):
    """Gradient and Hessian, (rows, labels) each, of the sum over cells, in the order of the scores. scores: (rows,
    labels), float32 or float64, row-major (as XGBoost's) or label-major (as LightGBM's). Raises ValueError."""
    rows, labels = scores.shape
    layout, order = (ROW_MAJOR, "C") if scores.flags.c_contiguous else (LABEL_MAJOR, "F")
    scores, targets = (np.asarray(x, scores.dtype, order=order) for x in (scores, targets))
    if targets.shape != scores.shape:
        raise ValueError(f"targets must have shape {scores.shape}, got {targets.shape}")
    function = {"float32": softf1.softf1_boosting_f32, "float64": softf1.softf1_boosting_f64}[scores.dtype.name]
    value, gradient, hessian = ctypes.c_double(), np.empty_like(scores), np.empty_like(scores)
    address = [ctypes.c_void_p(x.ctypes.data) for x in (scores, targets, gradient, hessian)]
    if function(loss.encode(), ctypes.c_size_t(rows), ctypes.c_size_t(labels), layout, ctypes.c_double(least_hessian),
                *address[:2], ctypes.byref(value), *address[2:]):
        raise ValueError(softf1.softf1_last_error().decode())
    return gradient, hessian


# Where a focal loss is flat or not convex, a Hessian near 0 would make the step of a leaf unbounded.
LEAST_HESSIAN = {"bce": 1e-16, "poly1": 1e-3, "focal": 1e-3, "asymmetric": 1e-3}
ROUNDS = 40
LIGHTGBM = {"num_leaves": 15, "learning_rate": 0.1, "num_threads": 1, "deterministic": True, "verbosity": -1}
XGBOOST = {"max_depth": 4, "learning_rate": 0.1, "nthread": 1, "verbosity": 0}


def objective_of(loss, y):
    return lambda scores, _: derivatives(loss, scores, y, LEAST_HESSIAN[loss])


# Each trains on x (rows, features) and y (rows, labels), with a loss of softf1 or, for None, the built-in objective,
# and gives the logits of x_new.

def lightgbm_logits(loss, x, y, x_new):
    """One model of all labels, a tree a label and round, scores label by label; built in: a model a label."""
    import lightgbm

    def logits(options, targets):
        model = lightgbm.train({**LIGHTGBM, **options}, lightgbm.Dataset(x, targets), ROUNDS)
        return model.predict(x_new, raw_score=True)

    if loss is None:
        return np.stack([logits({"objective": "binary", "boost_from_average": False}, column)
                         for column in np.ascontiguousarray(y.T)], 1)
    unused = np.zeros(len(x))  # LightGBM wants one target a row; the objective has its own
    return logits({"objective": objective_of(loss, y), "num_class": y.shape[1]}, unused)


def xgboost_logits(loss, x, y, x_new):
    """One model of all labels, a tree a label and round, scores row by row."""
    import xgboost
    start = {"base_score": 0} if loss else {"objective": "binary:logistic", "base_score": 0.5}  # logit 0
    model = xgboost.train({**XGBOOST, **start}, xgboost.DMatrix(x, y), ROUNDS, obj=loss and objective_of(loss, y))
    return model.predict(xgboost.DMatrix(x_new), output_margin=True)


def draw(rows=3000, labels=6, features=10, seed=0):
    """Labels of 5 to 40 % of the rows, each a curve of the features with noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, features)).astype(np.float32)
    hidden = np.tanh(x @ random.normal(size=(features, 8))) @ random.normal(size=(8, labels))
    hidden += random.normal(size=hidden.shape)
    share = np.linspace(0.05, 0.4, labels)
    return x, (hidden > [np.quantile(hidden[:, j], 1 - share[j]) for j in range(labels)]).astype(np.float32)


def macro_f1(scores, y, thresholds=0.0):
    yes = scores >= thresholds
    return np.mean(2 * (yes & (y == 1)).sum(0) / (yes.sum(0) + y.sum(0)))


def best_thresholds(scores, y):
    """The score of each label that gives the best F1 there."""
    order = np.argsort(-scores, axis=0)
    hits = np.cumsum(np.take_along_axis(y, order, 0), axis=0)
    f1 = 2 * hits / (np.arange(1, len(y) + 1)[:, None] + y.sum(0))
    return np.take_along_axis(scores, np.take_along_axis(order, f1.argmax(0)[None], 0), 0)[0]


def compare(name, logits_of):
    """Prints macro F1 on new rows; whether bce gives the model of the built-in objective."""
    x, y = draw()
    train, validation, test = np.split(np.arange(len(x)), [1500, 2250])
    built_in = None
    for loss in (None, *LEAST_HESSIAN):
        logits = logits_of(loss, x[train], y[train], x)
        built_in = logits if built_in is None else built_in
        tuned = best_thresholds(logits[validation], y[validation])
        print(f"{name:9} {loss or 'built in':11} {macro_f1(logits[test], y[test]):.4f}"
              f" {macro_f1(logits[test], y[test], tuned):16.4f}")
        if loss == "bce":
            gap = np.abs(logits - built_in)
    print(f"{name:9} bce and built in: logits differ by {gap.mean():.1e}, at most {gap.max():.1e}")
    return gap.mean() <= 1e-3


def main():
    installed = [(name, logits_of) for name, logits_of in (("lightgbm", lightgbm_logits), ("xgboost", xgboost_logits))
                 if importlib.util.find_spec(name)]
    print("macro F1 on new rows")
    print("          objective   at p = 0.5  tuned thresholds")
    same = [compare(*one) for one in installed]
    # Losses of counts and of rows tie cells together: their Hessian is not a number a cell.
    for loss in ("soft_f1", "zlpr", "bce+focal"):
        try:
            derivatives(loss, np.zeros((2, 3)), np.zeros((2, 3)))
            same.append(False)
        except ValueError as error:
            print(f"{loss} is refused: {error}")
    return int(not all(same)) if installed else 77


if __name__ == "__main__":
    sys.exit(main())
