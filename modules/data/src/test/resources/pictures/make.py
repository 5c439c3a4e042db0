"""Makes the files of this folder; see README.md. Run in this folder with Debian 12's python3-pil (Pillow 9.4.0)."""
import hashlib
import math
import os
import struct
import subprocess
import zlib

from PIL import Image, ImageEnhance, ImageOps


def picture(width, height, kind="full"):
    """The same pixels as in Pattern.java."""
    values = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                v = ((x * 7 + y * 13 + c * 31) ^ (x * y >> 2) ^ (c * x)) & 255
                values.append(v if kind == "full" else 40 + v * 140 // 255)
    return Image.frombytes("RGB", (width, height), bytes(values))


def smooth(width, height):
    """Slow waves of colour, which survive JPEG."""
    values = bytearray()
    for y in range(height):
        for x in range(width):
            values += bytes((x * 255 // width, y * 255 // height, (x * 5 + y * 3) % 128 + 64))
    return Image.frombytes("RGB", (width, height), bytes(values))


def sha(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def resizes(out):
    filters = {"BILINEAR": Image.BILINEAR, "BICUBIC": Image.BICUBIC}
    cases = [
        (64, 48, 0, 0, 64, 48, 32, 24), (64, 48, 0, 0, 64, 48, 64, 48), (64, 48, 0, 0, 64, 48, 128, 96),
        (33, 57, 0, 0, 33, 57, 17, 40), (33, 57, 3, 5, 20, 31, 48, 13), (33, 57, 32, 56, 1, 1, 7, 9),
        (1, 1, 0, 0, 1, 1, 5, 4), (1, 50, 0, 0, 1, 50, 3, 7), (50, 1, 0, 0, 50, 1, 7, 3), (2, 3, 0, 0, 2, 3, 1, 1),
        (300, 200, 0, 0, 300, 200, 224, 224), (300, 200, 41, 17, 155, 133, 224, 224), (300, 200, 0, 0, 300, 200, 1, 1),
        (300, 200, 7, 0, 293, 200, 13, 199), (301, 199, 100, 50, 201, 149, 31, 1), (64, 48, 1, 1, 62, 46, 62, 20),
        (64, 48, 0, 0, 63, 47, 20, 47),
    ]
    for name, number in filters.items():
        for w, h, left, top, cw, ch, nw, nh in cases:
            image = picture(w, h).crop((left, top, left + cw, top + ch)).resize((nw, nh), number)
            print("resize", name, w, h, left, top, cw, ch, nw, nh, sha(image), file=out)


FILL = (124, 116, 104)


def affine(image, matrix):
    return image.transform(image.size, Image.AFFINE, matrix, resample=Image.BICUBIC, fillcolor=FILL)


OPERATIONS = {
    "autoContrast": lambda im, a: ImageOps.autocontrast(im),
    "equalize": lambda im, a: ImageOps.equalize(im),
    "invert": lambda im, a: ImageOps.invert(im),
    "mirror": lambda im, a: ImageOps.mirror(im),
    "rotate": lambda im, a: im.rotate(a, resample=Image.BICUBIC, fillcolor=FILL),
    "posterize": lambda im, a: im if a >= 8 else ImageOps.posterize(im, int(a)),
    "solarize": lambda im, a: ImageOps.solarize(im, int(a)),
    "solarizeAdd": lambda im, a: im.point([min(255, i + int(a)) if i < 128 else i for i in range(256)] * 3),
    "color": lambda im, a: ImageEnhance.Color(im).enhance(a),
    "contrast": lambda im, a: ImageEnhance.Contrast(im).enhance(a),
    "brightness": lambda im, a: ImageEnhance.Brightness(im).enhance(a),
    "sharpness": lambda im, a: ImageEnhance.Sharpness(im).enhance(a),
    "shearX": lambda im, a: affine(im, (1, a, 0, 0, 1, 0)),
    "shearY": lambda im, a: affine(im, (1, 0, 0, a, 1, 0)),
    "translateX": lambda im, a: affine(im, (1, 0, a * im.size[0], 0, 1, 0)),
    "translateY": lambda im, a: affine(im, (1, 0, 0, 0, 1, a * im.size[1])),
}

ARGUMENTS = {
    "rotate": [0, 0.001, 7.3, -7.3, 27.123456789, -30, 30, -12.345],
    "posterize": [0, 1, 2, 3, 4],
    "solarize": [0, 1, 26, 128, 230, 256],
    "solarizeAdd": [0, 1, 55, 99, 110],
    "shearX": [0, 0.3, -0.3, 0.27, -0.1234567], "shearY": [0, 0.3, -0.3, 0.27, -0.1234567],
    "translateX": [0, 0.45, -0.45, 0.405, -0.1234567], "translateY": [0, 0.45, -0.45, 0.405, -0.1234567],
}
for enhancement in "color", "contrast", "brightness", "sharpness":
    ARGUMENTS[enhancement] = [0, 0.1, 0.19, 0.5, 0.73456789, 1, 1.25, 1.81, 1.9]


def operations(out):
    for name, function in OPERATIONS.items():
        for argument in ARGUMENTS.get(name, [0]):
            for kind, w, h in ("full", 64, 48), ("narrow", 64, 48), ("narrow", 33, 57), ("full", 1, 1), ("full", 2, 5):
                print("operation", name, repr(float(argument)), kind, w, h, sha(function(picture(w, h, kind), argument)), file=out)


def evaluations(out):
    """timm's size of the shorter side, then torchvision's Resize and CenterCrop."""
    for w, h, side, ratio in (
        (500, 375, 224, 0.875), (375, 500, 224, 0.9), (300, 300, 96, 1.0), (97, 61, 64, 0.875), (61, 97, 33, 0.9),
        (20, 31, 64, 0.95), (1, 1, 8, 0.9), (64, 73, 64, 1.0),
    ):
        size = math.floor(side / ratio)
        new = (size, int(size * h / w)) if w < h else (int(size * w / h), size)
        top, left = int(round((new[1] - side) / 2.0)), int(round((new[0] - side) / 2.0))
        image = picture(w, h).resize(new, Image.BICUBIC).crop((left, top, left + side, top + side))
        print("evaluation", w, h, side, ratio, sha(image), file=out)


def exif(value, order):
    """EXIF data with an orientation and nothing else."""
    mark = b"II" if order == "<" else b"MM"
    return (b"Exif\0\0" + mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", 1)
            + struct.pack(order + "HHIHH", 0x0112, 3, 1, value, 0) + struct.pack(order + "I", 0))


def without_adobe(data):
    at = data.index(b"\xff\xee\x00\x0eAdobe")
    return data[:at] + data[at + 16:]


def png16(width, height, colour_type, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))


def files(out):
    base = smooth(37, 29)
    expected = {}

    def jpeg(name, image=base, **options):
        image.save(name, "JPEG", quality=90, **options)

    jpeg("baseline-420.jpg", subsampling=2)
    jpeg("baseline-422.jpg", subsampling=1)
    jpeg("baseline-444.jpg", subsampling=0)
    jpeg("progressive.jpg", progressive=True)
    jpeg("progressive-grey.jpg", base.convert("L"), progressive=True)
    jpeg("grey.jpg", base.convert("L"))
    cmyk = Image.merge("CMYK", [*base.split(), base.convert("L").point(lambda v: v // 3)])
    jpeg("cmyk-adobe.jpg", cmyk)
    with open("cmyk-plain.jpg", "wb") as plain, open("cmyk-adobe.jpg", "rb") as adobe:
        plain.write(without_adobe(adobe.read()))
    raw = Image.open("cmyk-plain.jpg")
    inks = [ImageOps.invert(band) for band in raw.split()]  # Pillow has inverted them
    expected["cmyk-plain.jpg"] = Image.merge("CMYK", inks).convert("RGB")
    # The bytes of the CMYK file, said to be YCCK.
    with open("ycck.jpg", "wb") as ycck, open("cmyk-adobe.jpg", "rb") as adobe:
        data = bytearray(adobe.read())
        data[data.index(b"Adobe") + 11] = 2
        ycck.write(data)
    for tool, name in (["-rgb"], "rgb.jpg"), (["-restart", "1"], "restart.jpg"), (["-sample", "1x2"], "baseline-440.jpg"), (["-sample", "4x1"], "baseline-411.jpg"):
        base.save("base.ppm")
        subprocess.run(["cjpeg", "-quality", "90", *tool, "-outfile", name, "base.ppm"], check=True)
    os.remove("base.ppm")
    for value in range(1, 9):
        name = "orientation-%d.jpg" % value
        jpeg(name, exif=exif(value, "<" if value % 2 else ">"))
        expected[name] = ImageOps.exif_transpose(Image.open(name)).convert("RGB")

    def png(name, image, **options):
        image.save(name, "PNG", **options)

    png("rgb.png", base)
    png("grey.png", base.convert("L"))
    png("one-bit.png", base.convert("1"))
    png("palette.png", base.convert("P", palette=Image.ADAPTIVE, colors=100))
    png("palette-4-bits.png", base.convert("P", palette=Image.ADAPTIVE, colors=11), bits=4)
    png("palette-transparent.png", base.convert("P", palette=Image.ADAPTIVE, colors=100), transparency=3)
    alpha = base.convert("L").point(lambda v: 255 - v)
    png("alpha.png", Image.merge("RGBA", [*base.split(), alpha]))
    png("grey-alpha.png", Image.merge("LA", [base.convert("L"), alpha]))
    png("transparent-colour.png", base, transparency=base.getpixel((4, 4)))
    png("animated.png", base, save_all=True, append_images=[ImageOps.invert(base)], duration=50)
    for name, options in (("interlaced.png", []), ("interlaced-2-bits.png", ["-colors", "4"])):
        png("base.png", base)
        subprocess.run(["convert", "base.png", *options, "-interlace", "PNG", "-define", "png:exclude-chunks=date,time", name], check=True)
    os.remove("base.png")
    wide = [[b"".join(struct.pack(">H", (v * 257 + x * 31) & 65535) for v in base.getpixel((x, y))) for x in range(37)] for y in range(29)]
    high = [bytes(v[i] for v in row for i in range(0, 6, 2)) for row in wide]
    with open("rgb-16.png", "wb") as f:
        f.write(png16(37, 29, 2, [b"".join(row) for row in wide]))
    expected["rgb-16.png"] = Image.frombytes("RGB", (37, 29), b"".join(high))
    with open("rgba-16.png", "wb") as f:
        f.write(png16(37, 29, 6, [b"".join(v + b"\x12\x34" for v in row) for row in wide]))
    expected["rgba-16.png"] = expected["rgb-16.png"]
    with open("grey-16.png", "wb") as f:
        f.write(png16(37, 29, 0, [b"".join(v[:2] for v in row) for row in wide]))
    expected["grey-16.png"] = Image.frombytes("L", (37, 29), bytes(v[0] for row in wide for v in row)).convert("RGB")
    for name in sorted(os.listdir(".")):
        if name.endswith((".jpg", ".png")):
            image = expected.get(name) or Image.open(name).convert("RGB")
            print("file", name, *image.size, sha(image), file=out)


with open("pillow.txt", "w", encoding="ascii") as golden:
    files(golden)
    resizes(golden)
    operations(golden)
    evaluations(golden)
