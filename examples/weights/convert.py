#!/usr/bin/env python3
"""Turns a network of torchvision, timm, Keras or TF-Slim into a .safetensors file that softf1 reads.

    convert.py torchvision:mobilenet_v2 [--weights DEFAULT|none|FILE.pth] --out F.safetensors
    convert.py timm:mobilenetv2_100     [--weights DEFAULT|none|FILE.pth] --out F.safetensors
    convert.py keras:MobileNetV2        [--weights imagenet|none|FILE] [--alpha 0.35] --out F.safetensors
    convert.py slim:resnet_v2_50.ckpt   --out F.safetensors
    convert.py FILE.pth|FILE.pt|FILE.keras|FILE.h5 --out F.safetensors

The networks: MobileNetV2, MobileNetV3 small and large, ResNet-50 and -101 (version 1.5), ResNet-V2-50 and -101,
EfficientNet-B0; which one it is, the tensors tell. They keep the source's own names and layout; other layers than the
network's own are left out. The metadata say how the network is to be fed: padding, epsilon, pixels, image size. What a
file cannot say is taken from the source's habit, and set with --padding, --pixels, --resize, --image-size and --epsilon.
"""
import argparse
import os
import re
import sys

import numpy as np

MOBILE = {  # what names of tensors begin with
    "torchvision": r"features\.\d+\.",
    "timm": r"(conv_stem|bn1|blocks\.\d+\.\d+|conv_head|bn2)\.",
}
SLIM_KIND = r"(weights|biases|depthwise_weights|gamma|beta|moving_mean|moving_variance)$"

RESNET = {"torchvision": (r"(conv1|bn1|layer[1-4]\.\d+)\.", r"fc\.(weight|bias)$", "conv1.weight", 0, 64)}


def resnet_v2(name):
    keras = r"(conv1_conv|conv[2-5]_block\d+_\w+|post_bn)/"
    return {"keras": (keras, r"predictions/(kernel|bias)$", "conv1_conv/kernel", 3, 64),
            "slim": (rf"{name}/(conv1|block[1-4]/.*|postnorm)/{SLIM_KIND}", rf"{name}/logits/(weights|biases)$",
                     f"{name}/conv1/weights", 3, 64)}


def mobilenet_v3(last, channels):
    timm = r"(conv_stem|bn1|blocks\.\d+\.\d+)\."
    return {"torchvision": (MOBILE["torchvision"], r"classifier\.[03]\.(weight|bias)$", f"features.{last}.0.weight", 0,
                            channels),
            "timm": (timm, r"$^", f"blocks.{5 if channels == 576 else 6}.0.conv.weight", 0, channels),
            "keras": (r"(conv|conv_bn|expanded_conv_\w+|conv_1|conv_1_bn)/", r"$^", "conv_1/kernel", 3, channels)}


# network -> how many tensors it has without its classifier, and for each naming: what the backbone's names begin with,
# its classifier, the tensor and axis whose size tells the width, and that size at width 1.
NETWORKS = {
    "mobilenet_v2": (260, {
        "torchvision": (MOBILE["torchvision"], r"classifier\.1\.(weight|bias)$", "features.17.conv.2.weight", 0, 320),
        "timm": (MOBILE["timm"], r"classifier\.(weight|bias)$", "blocks.6.0.conv_pwl.weight", 0, 320),
        "keras": (r"(Conv1|bn_Conv1|expanded_conv_\w+|block_\d+_\w+|Conv_1|Conv_1_bn)/", r"predictions/(kernel|bias)$",
                  "block_16_project/kernel", 3, 320),
        "slim": (rf"MobilenetV2/(Conv|Conv_1|expanded_conv\w*/\w+)/(BatchNorm/)?{SLIM_KIND}",
                 r"MobilenetV2/Logits/Conv2d_1c_1x1/(weights|biases)$", "MobilenetV2/expanded_conv_16/project/weights",
                 3, 320)}),
    "mobilenet_v3_small": (206, mobilenet_v3(12, 576)),
    "mobilenet_v3_large": (262, mobilenet_v3(16, 960)),
    "resnet_50": (265, RESNET),
    "resnet_101": (520, RESNET),
    "resnet_v2_50": (270, resnet_v2("resnet_v2_50")),
    "resnet_v2_101": (542, resnet_v2("resnet_v2_101")),
    "efficientnet_b0": (309, {
        "torchvision": (MOBILE["torchvision"], r"classifier\.1\.(weight|bias)$", "features.8.0.weight", 0, 1280),
        "timm": (MOBILE["timm"], r"classifier\.(weight|bias)$", "conv_head.weight", 0, 1280),
        "keras": (r"(stem_conv|stem_bn|block\d[a-z]_\w+|top_conv|top_bn)/", r"predictions/(kernel|bias)$",
                  "top_conv/kernel", 3, 1280)}),
}
TORCHVISION = {"mobilenet_v2": "mobilenet_v2", "mobilenet_v3_small": "mobilenet_v3_small",
               "mobilenet_v3_large": "mobilenet_v3_large", "resnet50": "resnet_50", "resnet101": "resnet_101",
               "efficientnet_b0": "efficientnet_b0"}
KERAS = ("MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "ResNet50V2", "ResNet101V2", "EfficientNetB0")
HABIT = {  # what a source does where its file does not say
    "torchvision": {"batch_norm_epsilon": 1e-5, "padding": "symmetric", "pixels": "imagenet", "resize": "crop"},
    "timm": {"batch_norm_epsilon": 1e-5, "padding": "symmetric", "pixels": "imagenet", "resize": "crop"},
    "keras": {"batch_norm_epsilon": 1e-3, "padding": "tensorflow_same", "pixels": "minus_one_one", "resize": "stretch"},
    "slim": {"batch_norm_epsilon": 1e-3, "padding": "tensorflow_same", "pixels": "minus_one_one", "resize": "crop"},
    ("torchvision", "mobilenet_v3_small"): {"batch_norm_epsilon": 1e-3},
    ("torchvision", "mobilenet_v3_large"): {"batch_norm_epsilon": 1e-3},
    ("keras", "resnet_v2_50"): {"batch_norm_epsilon": 1.001e-5, "padding": "symmetric"},
    ("keras", "resnet_v2_101"): {"batch_norm_epsilon": 1.001e-5, "padding": "symmetric"},
    ("slim", "resnet_v2_50"): {"batch_norm_epsilon": 1e-5},
    ("slim", "resnet_v2_101"): {"batch_norm_epsilon": 1e-5},
    ("keras", "efficientnet_b0"): {"pixels": "imagenet"},
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
    if name not in TORCHVISION:
        raise Refusal(f"torchvision:{name}: expected torchvision: and one of {', '.join(TORCHVISION)}")
    torch.manual_seed(0)
    make = getattr(models, name)
    arguments = {"num_classes": options.classes or 1000}
    if name.startswith("mobilenet"):
        arguments["width_mult"] = options.width or 1.0
    elif options.width:
        raise Refusal(f"torchvision:{name}: has no width")
    version = need("torchvision", "torchvision").__version__
    source = f"torchvision {version} {name} {os.path.basename(options.weights)}"
    resize_to = {}
    if options.weights == "none" or os.path.exists(options.weights):
        model = make(weights=None, **arguments)
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
        model = or_refuse(f"torchvision:{name}", lambda: make(weights=weights))
        source = f"{source} ({weights.name})"
        resize_to = {"resize_to": weights.transforms().resize_size[0]}
    epsilon = next(m.eps for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d))
    return from_state_dict(model.state_dict()), "torchvision", {"source": source, "image_size": 224,
                                                                "batch_norm_epsilon": epsilon, **resize_to}


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
             "resize_to": int(model.pretrained_cfg["input_size"][-1] / model.pretrained_cfg["crop_pct"]),
             "batch_norm_epsilon": norms[0].eps, "padding": "tensorflow_same" if same else "symmetric",
             "pixels": options.pixels or timm_pixels(model.pretrained_cfg["mean"])}
    tensors = from_state_dict(model.state_dict())
    return tensors, "timm" if "conv_stem.weight" in tensors else "torchvision", about


def from_torch_file(path, _):
    tensors = from_state_dict(read_state_dict(path))
    names = "timm" if "conv_stem.weight" in tensors else "torchvision"  # the ResNets of both have the same names
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
    depthwise = kind == "kernel" and layer.endswith(("_depthwise", "_dwconv"))
    return f"{layer}/depthwise_kernel" if depthwise else f"{layer}/{kind}"


def from_keras(name, options):
    if name not in KERAS:
        raise Refusal(f"keras:{name}: expected keras: and one of {', '.join(KERAS)}")
    keras = need("keras", "tensorflow-cpu")
    weights = {"none": None, "DEFAULT": "imagenet"}.get(options.weights, options.weights)
    if weights not in (None, "imagenet") and not os.path.exists(weights):
        raise Refusal(f"keras:{name}: no file '{weights}'; expected imagenet, none or a file")
    keras.utils.set_random_seed(0)
    size = options.image_size or 224
    arguments = {"input_shape": (size, size, 3), "weights": weights, "classes": options.classes or 1000}
    if name.startswith("MobileNet"):
        arguments["alpha"] = options.width or 1.0
    elif options.width:
        raise Refusal(f"keras:{name}: has no width")
    if name.startswith("MobileNetV3"):
        arguments["include_preprocessing"] = False
    model = or_refuse(f"keras:{name}", lambda: getattr(keras.applications, name)(**arguments))
    return from_keras_model(keras, model, f"Keras {keras.__version__} {name} {os.path.basename(options.weights)}")


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


# TF-Slim: checkpoints of TensorFlow.
def from_slim(path, _):
    train = need("tensorflow", "tensorflow-cpu").train
    reader = or_refuse(f"{path}: expected a checkpoint of TensorFlow", lambda: train.load_checkpoint(path))
    tensors = {name: np.asarray(reader.get_tensor(name), np.float32) for name in reader.get_variable_to_shape_map()
               if re.search(f"/{SLIM_KIND}", name)}  # optimizer state and averages end otherwise
    return tensors, "slim", {"source": os.path.basename(path), "image_size": 224}


# What all have in common.
def read(source, options):
    family, colon, name = source.partition(":")
    readers = {"torchvision": from_torchvision, "timm": from_timm, "keras": from_keras, "slim": from_slim}
    if colon and family in readers:
        return readers[family](name, options)
    readers = {".pth": from_torch_file, ".pt": from_torch_file, ".keras": from_keras_file, ".h5": from_h5}
    reader = readers.get(os.path.splitext(source)[1])
    if not reader:
        raise Refusal(f"{source}: expected torchvision:NAME, timm:NAME, keras:NAME, slim:CHECKPOINT, or a .pth, .pt, .keras or .h5 file")
    if not os.path.isfile(source):
        raise Refusal(f"{source}: no such file")
    return reader(source, options)


def select(tensors, names, source):
    """Which network it is, its own tensors, and the metadata that their shapes tell."""
    counts = []
    for network, (expected, namings) in NETWORKS.items():
        if names not in namings:
            continue
        backbone, classifier, width_key, axis, channels = namings[names]
        found = sum(bool(re.match(backbone, name)) for name in tensors)
        counts.append(f"{network} {expected}, got {found}")
        if found == expected and width_key in tensors:
            break
    else:
        raise Refusal(f"{source}: no network that is known: expected tensors named as {names} does of "
                      f"{'; '.join(counts)}")
    kept = {name: np.ascontiguousarray(x) for name, x in tensors.items() if re.match(f"{backbone}|{classifier}", name)}
    left_out = sorted(set(tensors) - set(kept))
    if left_out:
        print(f"convert.py: left out: {', '.join(left_out)}", file=sys.stderr)
    heads = [len(x) for name, x in kept.items() if re.match(classifier, name) and x.ndim == 1]
    width = round(kept[width_key].shape[axis] / channels, 4)
    return network, kept, {"width": str(width), "classes": str(heads[-1] if heads else 0)}


def convert(options):
    tensors, names, about = read(options.source, options)
    network, tensors, told = select(tensors, names, options.source)
    chosen = {"padding": options.padding, "pixels": options.pixels, "resize": options.resize,
              "image_size": options.image_size, "batch_norm_epsilon": options.epsilon}
    about = {**HABIT[names], **HABIT.get((names, network), {}), **about,
             **{key: value for key, value in chosen.items() if value}}
    if about["resize"] != "crop" or options.image_size:
        about.pop("resize_to", None)
    metadata = {"format": "softf1.weights", "version": "1", "architecture": network, "names": names, **told,
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
