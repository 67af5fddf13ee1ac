"""Losses of softf1 as custom objectives of LightGBM and XGBoost, on multi-label data that is drawn here:
python3 boosting.py path/to/libsoftf1_c.so

bce must give the models of the objectives that both libraries have built in, which shows that the layout is right;
the exit status says. Libraries that are not installed are left out; with neither, it ends with 77.
"""
import ctypes
import sys

import numpy as np

softf1 = ctypes.CDLL(sys.argv[1])
softf1.softf1_last_error.restype = ctypes.c_char_p
ROW_MAJOR, LABEL_MAJOR = 0, 1  # softf1_layout


def derivatives(loss, scores, targets, least_hessian=1e-16):
    """Gradient and Hessian, (rows, labels) each, of the sum over cells. scores: (rows, labels), float32 or float64,
    row-major (XGBoost) or label-major (LightGBM), which the results are too. Raises ValueError with softf1's sentence."""
    rows, labels = scores.shape
    layout, order = (ROW_MAJOR, "C") if scores.flags.c_contiguous else (LABEL_MAJOR, "F")
    scores, targets = (np.asarray(x, scores.dtype, order) for x in (scores, targets))
    if targets.shape != scores.shape:
        raise ValueError(f"targets must have shape {scores.shape}, got {targets.shape}")
    function = {"float32": softf1.softf1_boosting_f32, "float64": softf1.softf1_boosting_f64}[scores.dtype.name]
    value, gradient, hessian = ctypes.c_double(), np.empty_like(scores), np.empty_like(scores)
    address = [ctypes.c_void_p(x.ctypes.data) for x in (scores, targets, gradient, hessian)]
    if function(loss.encode(), ctypes.c_size_t(rows), ctypes.c_size_t(labels), layout, ctypes.c_double(least_hessian),
                *address[:2], ctypes.byref(value), *address[2:]):
        raise ValueError(softf1.softf1_last_error().decode())
    return gradient, hessian


ROUNDS, LEAVES, RATE = 40, 15, 0.1
# Where a focal loss is not convex, or flat, a Hessian near 0 would make a leaf's step unbounded.
LEAST = {"focal": 1e-3, "asymmetric": 1e-3}


def lightgbm_custom(loss, x, y, x_test):
    """A model of all labels: `num_class` trees a round, scores label by label. (LightGBM wants one label a row: zeros.)"""
    import lightgbm

    def objective(scores, _):
        return derivatives(loss, scores, y, LEAST.get(loss, 1e-16))

    model = lightgbm.train({**LIGHTGBM, "objective": objective, "num_class": y.shape[1]},
                           lightgbm.Dataset(x, np.zeros(len(x))), ROUNDS)
    return model.predict(x_test, raw_score=True)


def lightgbm_built_in(x, y, x_test):
    """A model a label."""
    import lightgbm
    one = {**LIGHTGBM, "objective": "binary", "boost_from_average": False}
    return np.stack([lightgbm.train(one, lightgbm.Dataset(x, column), ROUNDS).predict(x_test, raw_score=True)
                     for column in y.T], axis=1)


LIGHTGBM = {"num_leaves": LEAVES, "learning_rate": RATE, "num_threads": 1, "verbosity": -1, "deterministic": True}


def xgboost_custom(loss, x, y, x_test):
    """A model of all labels: a tree a label and round, scores row by row."""
    import xgboost

    def objective(scores, _):
        return derivatives(loss, scores, y, LEAST.get(loss, 1e-16))

    data = xgboost.DMatrix(x, y)
    model = xgboost.train({**XGBOOST, "base_score": 0}, data, ROUNDS, obj=objective)
    return model.predict(xgboost.DMatrix(x_test), output_margin=True)


def xgboost_built_in(x, y, x_test):
    import xgboost
    model = xgboost.train({**XGBOOST, "objective": "binary:logistic", "base_score": 0.5}, xgboost.DMatrix(x, y), ROUNDS)
    return model.predict(xgboost.DMatrix(x_test), output_margin=True)


XGBOOST = {"max_depth": 4, "learning_rate": RATE, "nthread": 1, "verbosity": 0}


def draw(rows=2000, labels=6, features=10, seed=0):
    """Rare labels, each a curve of the features with noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, features)).astype(np.float32)
    hidden = np.tanh(x @ random.normal(size=(features, 8))) @ random.normal(size=(8, labels))
    hidden += random.normal(size=hidden.shape)
    share = np.linspace(0.05, 0.4, labels)  # unlike each other: a wrong layout shows
    return x, (hidden > [np.quantile(hidden[:, j], 1 - share[j]) for j in range(labels)]).astype(np.float32)


def macro_f1(scores, y):
    yes = scores >= 0
    return np.mean(2 * (yes & (y == 1)).sum(0) / np.maximum(1, yes.sum(0) + y.sum(0)))


def main():
    x, y = draw()
    train, test = slice(0, 1200), slice(1200, None)
    failed, asked = False, 0
    for name, built_in, custom in (("lightgbm", lightgbm_built_in, lightgbm_custom),
                                   ("xgboost", xgboost_built_in, xgboost_custom)):
        try:
            __import__(name)
        except ImportError:
            print(f"{name} is not installed")
            continue
        asked += 1
        reference = built_in(x[train], y[train], x[test])
        print(f"{name:9} {'built in':24} macro F1 {macro_f1(reference, y[test]):.4f}")
        for loss in ("bce", "poly1", "focal", "asymmetric"):
            scores = custom(loss, x[train], y[train], x[test])
            print(f"{name:9} {loss:24} macro F1 {macro_f1(scores, y[test]):.4f}")
            if loss == "bce":
                gap = np.abs(scores - reference).max()
                print(f"{name:9} bce and the built-in objective: logits differ by at most {gap:.1e}")
                failed |= not gap <= 1e-3
    # Losses of counts or of rows couple the cells: their Hessian is not a number a cell.
    for loss in ("soft_f1", "zlpr", "bce+focal"):
        try:
            derivatives(loss, y, y)
            failed = True
        except ValueError as error:
            print(f"{loss}: {error}")
    return 77 if not asked else int(failed)


if __name__ == "__main__":
    sys.exit(main())
