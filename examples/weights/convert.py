#!/usr/bin/env python3
"""Turns a MobileNetV2 of torchvision, timm or Keras into a .safetensors file that softf1 reads.

    convert.py torchvision:mobilenet_v2 [--weights DEFAULT|none|FILE.pth] --out F.safetensors
    convert.py timm:mobilenetv2_100     [--weights DEFAULT|none|FILE.pth] --out F.safetensors
    convert.py keras:MobileNetV2        [--weights imagenet|none|FILE] [--alpha 0.35] --out F.safetensors
    convert.py FILE.pth|FILE.pt|FILE.keras|FILE.h5 --out F.safetensors

Tensors keep the source's own names and layout; other layers than MobileNetV2's own are left out. The metadata say how
the network is to be fed: padding, epsilon, pixels, image size. What a file cannot say is taken from the source's habit,
and set with --padding, --pixels, --resize, --image-size and --epsilon.
"""
import argparse
import os
import re
import sys

import numpy as np

TENSORS = 260  # 52 convolutions and their 52 batch normalisations, without the classifier
NAMES = {  # naming -> its backbone, its classifier, and the tensor and axis whose size is 320 times the width
    "torchvision": (r"features\.\d+\.", r"classifier\.1\.(weight|bias)$", "features.17.conv.2.weight", 0),
    "timm": (r"(conv_stem|bn1|blocks\.\d+\.\d+|conv_head|bn2)\.", r"classifier\.(weight|bias)$",
             "blocks.6.0.conv_pwl.weight", 0),
    "keras": (r"(Conv1|bn_Conv1|expanded_conv_\w+|block_\d+_\w+|Conv_1|Conv_1_bn)/", r"predictions/(kernel|bias)$",
              "block_16_project/kernel", 3),
}
HABIT = {  # what a source does where its file does not say
    "torchvision": {"batch_norm_epsilon": 1e-5, "padding": "symmetric", "pixels": "imagenet", "resize": "crop"},
    "timm": {"batch_norm_epsilon": 1e-5, "padding": "symmetric", "pixels": "imagenet", "resize": "crop"},
    "keras": {"batch_norm_epsilon": 1e-3, "padding": "tensorflow_same", "pixels": "minus_one_one", "resize": "stretch"},
}


class Refusal(Exception):
    """A sentence for the user."""


def need(module, packages):
    try:
        return __import__(module, fromlist=["_"])
    except ImportError as e:
        raise Refusal(f"{e}; install it: pip install {packages}")


def or_refuse(who, call):
    """call(), and in place of a library's exception one sentence."""
    try:
        return call()
    except Exception as e:
        raise Refusal(f"{who}: {type(e).__name__}: {' '.join(str(e).split())[:200]}")


# torch: torchvision, timm, state dicts.
def read_state_dict(path):
    torch = need("torch", "torch")
    content = or_refuse(f"{path}: expected a state dict, saved with torch.save(model.state_dict(), ...)",
                        lambda: torch.load(path, map_location="cpu", weights_only=True))
    for key in ("state_dict_ema", "model_ema", "state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(hasattr(x, "shape") for x in content.values()):
        raise Refusal(f"{path}: expected a state dict, saved with torch.save(model.state_dict(), ...)")
    return {name.removeprefix("module."): tensor for name, tensor in content.items()}


def from_state_dict(state):
    return {name: tensor.detach().cpu().float().numpy() for name, tensor in state.items()
            if not name.endswith("num_batches_tracked")}


def load_into(model, path):
    state = read_state_dict(path)
    or_refuse(f"{path}: does not fit the model", lambda: model.load_state_dict(state))


def from_torchvision(name, options):
    torch, models = need("torch", "torch"), need("torchvision.models", "torchvision")
    if name != "mobilenet_v2":
        raise Refusal(f"torchvision:{name}: expected torchvision:mobilenet_v2")
    torch.manual_seed(0)
    arguments = {"width_mult": options.width or 1.0, "num_classes": options.classes or 1000}
    version = need("torchvision", "torchvision").__version__
    source = f"torchvision {version} mobilenet_v2 {os.path.basename(options.weights)}"
    about = {"image_size": 224}
    if options.weights == "none" or os.path.exists(options.weights):
        model = models.mobilenet_v2(weights=None, **arguments)
        if options.weights != "none":
            load_into(model, options.weights)
    else:
        try:
            weights = models.get_model_weights(name)[options.weights]
        except KeyError:
            known = ", ".join(w.name for w in models.get_model_weights(name))
            raise Refusal(f"torchvision:{name}: expected --weights DEFAULT, {known}, none or a file, "
                          f"got '{options.weights}'")
        if options.width or options.classes:
            raise Refusal("torchvision: only --weights none and FILE go with --width and --classes")
        model = or_refuse(f"torchvision:{name}", lambda: models.mobilenet_v2(weights=weights))
        source = f"{source} ({weights.name})"
    return from_state_dict(model.state_dict()), "torchvision", {**about, "source": source}


def timm_pixels(mean):
    for pixels, means in (("imagenet", (0.485, 0.456, 0.406)), ("minus_one_one", (0.5,) * 3), ("zero_one", (0.0,) * 3)):
        if np.allclose(mean, means, atol=1e-3):
            return pixels
    raise Refusal(f"timm: cannot express pixels of mean {tuple(mean)}; give --pixels")


def from_timm(name, options):
    torch, timm = need("torch", "torch"), need("timm", "timm")
    torch.manual_seed(0)
    from_hub = options.weights == "DEFAULT"
    if not from_hub and options.weights != "none" and not os.path.exists(options.weights):
        raise Refusal(f"timm:{name}: no file '{options.weights}'; expected DEFAULT, none or a file")
    if options.width:
        raise Refusal("timm: the width is part of the model's name, for example timm:mobilenetv2_050")
    classes = {"num_classes": options.classes} if options.classes else {}
    model = or_refuse(f"timm:{name}", lambda: timm.create_model(name, pretrained=from_hub, **classes))
    if not from_hub and options.weights != "none":
        load_into(model, options.weights)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    same = any(type(m).__name__ == "Conv2dSame" for m in model.modules())
    about = {"source": f"timm {timm.__version__} {name} {os.path.basename(options.weights)}",
             "image_size": model.pretrained_cfg["input_size"][-1],
             "batch_norm_epsilon": norms[0].eps, "padding": "tensorflow_same" if same else "symmetric",
             "pixels": options.pixels or timm_pixels(model.pretrained_cfg["mean"])}
    return from_state_dict(model.state_dict()), "timm", about


def from_torch_file(path, _):
    tensors = from_state_dict(read_state_dict(path))
    names = "timm" if "conv_stem.weight" in tensors else "torchvision"
    return tensors, names, {"source": os.path.basename(path), "image_size": 224}


# Keras: models and files.
def keras_layers(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from keras_layers(layer)
        else:
            yield layer


def from_keras_model(keras, model, source):
    tensors, about = {}, {"source": source, "image_size": 224}
    for layer in keras_layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            about["batch_norm_epsilon"] = layer.epsilon
        for variable in layer.weights:
            kind = variable.name.split("/")[-1].split(":")[0]
            tensors[keras_name(layer.name, kind)] = np.asarray(variable, np.float32)
    size = model.input_shape[1] if isinstance(model.input_shape, tuple) and len(model.input_shape) == 4 else None
    return tensors, "keras", {**about, **({"image_size": size} if size else {})}


def keras_name(layer, kind):
    """Keras 3 calls a depthwise layer's tensor `kernel`, Keras 2 `depthwise_kernel`: the latter, always."""
    return f"{layer}/depthwise_kernel" if kind == "kernel" and layer.endswith("_depthwise") else f"{layer}/{kind}"


def from_keras(name, options):
    if name != "MobileNetV2":
        raise Refusal(f"keras:{name}: expected keras:MobileNetV2")
    keras = need("keras", "tensorflow-cpu")
    weights = {"none": None, "DEFAULT": "imagenet"}.get(options.weights, options.weights)
    if weights not in (None, "imagenet") and not os.path.exists(weights):
        raise Refusal(f"keras:{name}: no file '{weights}'; expected imagenet, none or a file")
    keras.utils.set_random_seed(0)
    size, width = options.image_size or 224, options.width or 1.0
    model = or_refuse(f"keras:{name}", lambda: keras.applications.MobileNetV2(
        input_shape=(size, size, 3), alpha=width, weights=weights, classes=options.classes or 1000))
    return from_keras_model(keras, model, f"Keras {keras.__version__} MobileNetV2 {os.path.basename(options.weights)}")


def from_keras_file(path, _):
    keras = need("keras", "tensorflow-cpu")
    model = or_refuse(path, lambda: keras.saving.load_model(path, compile=False))
    return from_keras_model(keras, model, os.path.basename(path))


def from_h5(path, _):
    """A model or weights of Keras 2, or a model that Keras 3 saved as .h5: groups end in layer/tensor."""
    h5py = need("h5py", "h5py")
    tensors = {}

    def visit(name, item):
        parts = name.split("/")
        if isinstance(item, h5py.Dataset) and len(parts) > 1 and "optimizer_weights" not in parts:
            tensors[keras_name(parts[-2], parts[-1].split(":")[0])] = np.asarray(item, np.float32)

    with or_refuse(path, lambda: h5py.File(path, "r")) as f:
        if "layers" in f:
            raise Refusal(f"{path}: weights of Keras 3 name no layers; use keras:MobileNetV2 --weights {path}")
        f.visititems(visit)
    return tensors, "keras", {"source": os.path.basename(path), "image_size": 224}


# What all have in common.
def read(source, options):
    family, colon, name = source.partition(":")
    readers = {"torchvision": from_torchvision, "timm": from_timm, "keras": from_keras}
    if colon and family in readers:
        return readers[family](name, options)
    readers = {".pth": from_torch_file, ".pt": from_torch_file, ".keras": from_keras_file, ".h5": from_h5}
    reader = readers.get(os.path.splitext(source)[1])
    if not reader:
        raise Refusal(f"{source}: expected torchvision:NAME, timm:NAME, keras:NAME, or a .pth, .pt, .keras or .h5 file")
    if not os.path.isfile(source):
        raise Refusal(f"{source}: no such file")
    return reader(source, options)


def select(tensors, names, source):
    """MobileNetV2's own tensors, and the metadata that their shapes tell."""
    backbone, classifier, width_key, axis = NAMES[names]
    kept = {name: np.ascontiguousarray(x) for name, x in tensors.items() if re.match(f"{backbone}|{classifier}", name)}
    found = sum(bool(re.match(backbone, name)) for name in kept)
    if found != TENSORS or width_key not in kept:
        raise Refusal(f"{source}: not a MobileNetV2: expected {TENSORS} tensors named as {names} does, got {found}")
    left_out = sorted(set(tensors) - set(kept))
    if left_out:
        print(f"convert.py: left out: {', '.join(left_out)}", file=sys.stderr)
    head = [x for name, x in kept.items() if re.match(classifier, name) and x.ndim == 1]
    width, classes = round(kept[width_key].shape[axis] / 320, 4), len(head[0]) if head else 0
    return kept, {"width": str(width), "classes": str(classes)}


def convert(options):
    tensors, names, about = read(options.source, options)
    tensors, told = select(tensors, names, options.source)
    chosen = {"padding": options.padding, "pixels": options.pixels, "resize": options.resize,
              "image_size": options.image_size, "batch_norm_epsilon": options.epsilon}
    about = {**HABIT[names], **about, **{key: value for key, value in chosen.items() if value}}
    metadata = {"format": "softf1.weights", "version": "1", "architecture": "mobilenet_v2", "names": names, **told,
                **{key: f"{value:g}" if isinstance(value, float) else str(value) for key, value in about.items()}}
    save_file, temporary = need("safetensors.numpy", "safetensors").save_file, options.out + ".part"
    try:
        or_refuse(options.out, lambda: (save_file(tensors, temporary, metadata), os.replace(temporary, options.out)))
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)
    return metadata


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("source")
    p.add_argument("--out", required=True)
    p.add_argument("--weights", default="DEFAULT")
    p.add_argument("--width", "--alpha", type=float)
    p.add_argument("--classes", type=int)
    p.add_argument("--image-size", type=int)
    p.add_argument("--padding", choices=("symmetric", "tensorflow_same"))
    p.add_argument("--pixels", choices=("imagenet", "minus_one_one", "zero_one"))
    p.add_argument("--resize", choices=("crop", "stretch"))
    p.add_argument("--epsilon", type=float, help="of the batch normalisation")
    try:
        for key, value in convert(p.parse_args()).items():
            print(f"{key}: {value}")
    except Refusal as e:
        sys.exit(f"convert.py: {e}")


if __name__ == "__main__":
    main()
