/** The format of a saved model in Python: pairs with reader.ts and writer.ts of the saved model. */
export const fileSource = `

# The file: safetensors, whose metadata describe the model and hold the CRC-32 of all other bytes.

DTYPES = {
    "F16": torch.float16,
    "F32": torch.float32,
    "F64": torch.float64,
    "I8": torch.int8,
    "U8": torch.uint8,
    "U32": torch.int32,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
CHUNK = 1 << 26


def read_file(path):
    """The metadata and arrays of a file, whose sum is checked, and the CRC-32 of its arrays."""
    with open(path, "rb") as file:
        first = file.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else -1
        if not 0 <= length <= os.path.getsize(path):
            raise ValueError(f"{path} is no saved model, or it is damaged.")
        header = file.read(length)
        try:
            entries = json.loads(header)
            metadata = entries.pop("__metadata__")
            said = int(metadata["crc32"], 16)
            crc = zlib.crc32(header.replace(b'"crc32":"%08x"' % said, b'"crc32":"00000000"', 1), zlib.crc32(first))
            arrays = {}
            for name, entry in entries.items():
                begin, end = entry["data_offsets"]
                data = bytearray(end - begin)
                if file.readinto(data) != len(data):
                    raise ValueError("it is cut short")
                crc = zlib.crc32(data, crc)
                dtype = DTYPES[entry["dtype"]]
                flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
                arrays[name] = flat.to(torch.int64) & 0xFFFFFFFF if entry["dtype"] == "U32" else flat
                arrays[name] = arrays[name].reshape(entry["shape"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is no saved model, or it is damaged: {error}.") from error
    if crc != said:
        raise ValueError(f"{path} is damaged: its bytes do not add up to the sum that was saved with them.")
    return metadata, arrays, data_crc({name: a for name, a in arrays.items() if "/state." not in name})


def bytes_of(array):
    if array.dtype == torch.int64:
        array = torch.where(array >= 2**31, array - 2**32, array).to(torch.int32)
    return array.contiguous().numpy().tobytes()


def data_crc(arrays):
    return functools.reduce(lambda crc, array: zlib.crc32(bytes_of(array), crc), arrays.values(), 0)


def unpacked(array, shape, bits, step):
    """The multiples of a step that bytes stand for: int8, or two of four bits in a byte, the first in its low bits."""
    if bits == 4:
        array = torch.stack([array & 15, array >> 4], -1).flatten()[: math.prod(shape)].to(torch.int8)
        array = torch.where(array > 7, array - 16, array)
    return array.reshape(shape).to(torch.float32) * step


def packed(value, bits, step):
    """The bytes of the multiples of a step nearest to some numbers."""
    most = 2 ** (bits - 1)
    whole = (value / step).round().clamp(-most, most - 1).to(torch.int8)
    if bits == 8:
        return whole
    codes = F.pad(whole.flatten() & 15, (0, whole.numel() % 2)).to(torch.uint8)
    return codes[0::2] | codes[1::2] << 4


def write_file(path, metadata, arrays):
    entries, at = {}, 0
    for name, array in arrays.items():
        dtype = "U32" if array.dtype == torch.int64 else NAMES[array.dtype]
        size = array.numel() * (4 if dtype == "U32" else array.element_size())
        entries[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [at, at + size]}
        at += size

    def header(crc):
        everything = {"__metadata__": {**metadata, "crc32": "%08x" % crc}, **entries}
        text = json.dumps(everything, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text

    crc = functools.reduce(lambda crc, array: zlib.crc32(bytes_of(array), crc), arrays.values(), zlib.crc32(header(0)))
    with open(f"{path}.tmp", "wb") as file:
        file.write(header(crc))
        for array in arrays.values():
            file.write(bytes_of(array))
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.tmp", path)


def fields(text):
    """The fields of a JSON object, each as it is written."""
    decode, at, found = json.JSONDecoder().raw_decode, 1, {}
    while text[at] != "}":
        at += text[at] == ","
        name, at = decode(text, at)
        _, end = decode(text, at + 1)
        found[name], at = text[at + 1 : end], end
    return found
`;
